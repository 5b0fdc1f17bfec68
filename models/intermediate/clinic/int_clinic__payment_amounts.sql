-- grain: one row per payments file of a drop: its amounts, and those that count nowhere
with copies as (

    select * from {{ ref('stg_clinic__payments') }}

),

checks as (

    select * from {{ ref('int_clinic__payment_checks') }}

),

final as (

    select
        copies._source_file,
        coalesce(sum(copies.amount), 0) as read_amount,
        coalesce(sum(case when not copies.is_known then copies.amount end), 0)
            as set_aside_amount,
        coalesce(
            sum(case when copies.is_known and copies.copy_rank > 1 then copies.amount end), 0
        ) as superseded_amount,
        coalesce(sum(case when checks.rejection_reason is not null then copies.amount end), 0)
            as rejected_amount
    from copies
    left join checks
        on copies._source_file = checks._source_file and copies._source_row = checks._source_row
    group by copies._source_file

)

select * from final
