-- grain: one row per dimension and its value
with kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where dimension <> 'provider' and payer is null

),

final as (

    select
        source_system,
        dimension,
        dimension_value,
        claim_count,
        open_count,
        decided_count,
        denied_count,
        first_pass_count,
        undated_count,
        amount,
        paid_amount,
        reimbursement_rate,
        denial_rate,
        pending_rate,
        first_pass_yield,
        median_days,
        p90_days
    from kpis

)

select * from final
