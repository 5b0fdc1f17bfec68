-- grain: one row per line of a claim that says more than a claim must
with details as (

    select * from {{ ref('int_claims__line_details') }}

),

claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_numbers as (

    select * from {{ ref('int_claims__repeated_numbers') }}

),

counted_rows as (

    select * from {{ ref('int_claims__counted_rows') }}

),

placed as (

    select
        claim_rows.claim_number as claim_key,
        1 as line_sequence,
        claim_rows._load_id,
        claim_rows._source_row
    from claim_rows
    inner join details
        on claim_rows._load_id = details._load_id and claim_rows._source_row = details._source_row
    left join repeated_numbers on claim_rows.claim_number = repeated_numbers.claim_number
    where repeated_numbers.claim_number is null
    union all
    select
        counted_rows.claim_key,
        counted_rows.line_sequence,
        counted_rows._load_id,
        counted_rows._source_row
    from counted_rows

),

final as (

    select
        placed.claim_key,
        placed.line_sequence,
        details.*
    from placed
    inner join details
        on placed._load_id = details._load_id and placed._source_row = details._source_row

)

select * from final
