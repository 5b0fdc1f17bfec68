-- grain: one row per file of claims: its rows and amounts, and what of them counts nowhere
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}

),

told_rows as (

    select * from {{ ref('int_claims__told_rows') }}

),

counted_rows as (

    select * from {{ ref('int_claims__counted_rows') }}

),

people_outcomes as (

    select * from {{ ref('int_claims__row_outcomes') }}
    where kind <> 'claim'

),

read_by_file as (

    select
        _source_file,
        count(*) as read_rows,
        sum(case when rejection_reason is not null then 1 else 0 end) as rejected_rows,
        sum(amount) as read_amount,
        sum(case when rejection_reason is not null then amount end) as rejected_amount,
        sum(paid_amount) as read_paid_amount,
        sum(case when rejection_reason is not null then paid_amount end) as rejected_paid_amount
    from claim_rows
    group by _source_file

),

uncounted as (

    select
        told_rows._source_file,
        told_rows.copy_number > 1 as is_duplicate,
        told_rows.amount,
        told_rows.paid_amount
    from told_rows
    left join counted_rows
        on
            told_rows._load_id = counted_rows._load_id
            and told_rows._source_row = counted_rows._source_row
    where counted_rows._source_row is null

),

uncounted_by_file as (

    select
        _source_file,
        sum(case when is_duplicate then 1 else 0 end) as duplicate_rows,
        sum(case when is_duplicate then 0 else 1 end) as superseded_rows,
        sum(case when is_duplicate then amount end) as duplicate_amount,
        sum(case when is_duplicate then 0 else amount end) as superseded_amount,
        sum(case when is_duplicate then paid_amount end) as duplicate_paid_amount,
        sum(case when is_duplicate then 0 else paid_amount end) as superseded_paid_amount
    from uncounted
    group by _source_file

),

people_by_file as (

    select
        _source_file,
        count(*) as read_rows,
        sum(case when outcome = 'rejected' then 1 else 0 end) as rejected_rows
    from people_outcomes
    group by _source_file

),

final as (

    select
        read_by_file._source_file,
        true as has_amounts,
        cast(read_by_file.read_rows as bigint) as read_rows,
        cast(read_by_file.rejected_rows as bigint) as rejected_rows,
        cast(coalesce(uncounted_by_file.superseded_rows, 0) as bigint) as superseded_rows,
        cast(coalesce(uncounted_by_file.duplicate_rows, 0) as bigint) as duplicate_rows,
        cast(coalesce(read_by_file.read_amount, 0) as decimal(18, 2)) as read_amount,
        cast(coalesce(read_by_file.rejected_amount, 0) as decimal(18, 2)) as rejected_amount,
        cast(coalesce(uncounted_by_file.superseded_amount, 0) as decimal(18, 2))
            as superseded_amount,
        cast(coalesce(uncounted_by_file.duplicate_amount, 0) as decimal(18, 2)) as duplicate_amount,
        cast(coalesce(read_by_file.read_paid_amount, 0) as decimal(18, 2)) as read_paid_amount,
        cast(coalesce(read_by_file.rejected_paid_amount, 0) as decimal(18, 2))
            as rejected_paid_amount,
        cast(coalesce(uncounted_by_file.superseded_paid_amount, 0) as decimal(18, 2))
            as superseded_paid_amount,
        cast(coalesce(uncounted_by_file.duplicate_paid_amount, 0) as decimal(18, 2))
            as duplicate_paid_amount
    from read_by_file
    left join uncounted_by_file on read_by_file._source_file = uncounted_by_file._source_file
    union all
    select
        _source_file,
        false as has_amounts,
        cast(read_rows as bigint) as read_rows,
        cast(rejected_rows as bigint) as rejected_rows,
        cast(0 as bigint) as superseded_rows,
        cast(0 as bigint) as duplicate_rows,
        cast(0 as decimal(18, 2)) as read_amount,
        cast(0 as decimal(18, 2)) as rejected_amount,
        cast(0 as decimal(18, 2)) as superseded_amount,
        cast(0 as decimal(18, 2)) as duplicate_amount,
        cast(0 as decimal(18, 2)) as read_paid_amount,
        cast(0 as decimal(18, 2)) as rejected_paid_amount,
        cast(0 as decimal(18, 2)) as superseded_paid_amount,
        cast(0 as decimal(18, 2)) as duplicate_paid_amount
    from people_by_file

)

select * from final
