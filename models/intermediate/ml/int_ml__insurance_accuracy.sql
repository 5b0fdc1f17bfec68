-- grain: one row per procedure on a claim: what was estimated when the claim was made, what came
with lines as (

    select * from {{ ref('dental__fact_claim_procedures') }}
    where
        procedure_id is not null
        and claim_id is not null
        and (is_pending or is_received)

),

summed as (

    select
        procedure_id,
        sum(case when is_received and payment_date <= {{ as_of() }} then 1 else 0 end)
            as received_lines,
        sum(case
            when is_received and payment_date <= {{ as_of() }} then 0 else 1
        end) as open_lines,
        sum(insurance_paid_amount) as paid_amount,
        sum(coalesce(snapshot_insurance_estimate_amount, insurance_estimate_amount, 0))
            as estimate_amount,
        sum(case when snapshot_insurance_estimate_amount is null then 1 else 0 end)
            as lines_without_snapshot,
        sum(case when snapshot_insurance_estimate_amount is not null then 1 else 0 end)
            as lines_with_snapshot
    from lines
    group by procedure_id

),

final as (

    select
        procedure_id,
        cast(estimate_amount as decimal(18, 2)) as estimate_amount,
        case
            when open_lines = 0 and received_lines > 0 then cast(paid_amount as decimal(18, 2))
        end as paid_amount,
        case
            when lines_without_snapshot = 0 then 'claim snapshot'
            when lines_with_snapshot = 0 then 'claim line'
            else 'claim snapshot and claim line'
        end as estimate_source,
        case
            when open_lines = 0 and received_lines > 0
                then
                    abs(paid_amount - estimate_amount)
                    <= case
                        when 0.1 * abs(estimate_amount) > 5 then 0.1 * abs(estimate_amount) else 5
                    end
        end as is_accurate
    from summed

)

select * from final
