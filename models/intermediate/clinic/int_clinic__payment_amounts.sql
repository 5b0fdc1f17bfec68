-- grain: one row per payments file of a drop: its amounts, and what became of them
with copies as (

    select * from {{ ref('stg_clinic__payments') }}

),

checks as (

    select * from {{ ref('int_clinic__payment_checks') }}

),

payments as (

    select * from {{ ref('clinic__fact_payments') }}

),

read_by_file as (

    select
        copies._source_file,
        sum(copies.amount) as read_amount,
        sum(case when copies.copy_rank > 1 then copies.amount end) as superseded_amount,
        sum(case when checks.rejection_reason is not null then copies.amount end)
            as rejected_amount
    from copies
    left join checks
        on copies._source_file = checks._source_file and copies._source_row = checks._source_row
    group by copies._source_file

),

kept_by_file as (

    select
        _source_file,
        sum(amount) as kept_amount
    from payments
    group by _source_file

),

final as (

    select
        read_by_file._source_file,
        coalesce(read_by_file.read_amount, 0) as read_amount,
        coalesce(kept_by_file.kept_amount, 0) as kept_amount,
        coalesce(read_by_file.rejected_amount, 0) as rejected_amount,
        coalesce(read_by_file.superseded_amount, 0) as superseded_amount
    from read_by_file
    left join kept_by_file on read_by_file._source_file = kept_by_file._source_file

)

select * from final
