with snapshots as (

    select * from {{ ref('stg_opendental__claim_snapshots') }}
    where {{ is_known(['entry_at']) }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by claim_procedure_id
            order by entry_at desc nulls last, claim_snapshot_id desc
        ) as snapshot_rank
    from snapshots
    where claim_procedure_id is not null

),

final as (

    select
        claim_procedure_id,
        claim_snapshot_id,
        cast(entry_at as date) as snapshot_date,
        coalesce(write_off_amount, 0) as snapshot_write_off_amount,
        insurance_estimate_amount as snapshot_insurance_estimate_amount
    from ranked
    where snapshot_rank = 1

)

select * from final
