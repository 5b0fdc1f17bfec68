{%- set content = [
    'line_number', 'member_id', 'provider_id', 'diagnosis_code', 'status', 'amount', 'paid_amount',
    'claim_at', 'adjudicated_at', 'payer', 'plan_name', 'row_action', 'unmapped_status',
] -%}
-- grain: one row per row of a claim number of which one row does not say everything
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_numbers as (

    select * from {{ ref('int_claims__repeated_numbers') }}

),

claim_parties as (

    select * from {{ ref('int_claims__claim_parties') }}

),

details as (

    select * from {{ ref('int_claims__line_details') }}

),

keyed as (

    select
        claim_rows.*,
        repeated_numbers.is_taken_back,
        coalesce(claim_parties.claim_key, claim_rows.claim_number) as claim_key,
        details.detail_hash
    from claim_rows
    inner join repeated_numbers on claim_rows.claim_number = repeated_numbers.claim_number
    left join claim_parties
        on
            claim_rows.claim_number = claim_parties.claim_number
            and coalesce(claim_rows.member_id, '') = claim_parties.member_label
            and coalesce(claim_rows.provider_id, '') = claim_parties.provider_label
    left join details
        on claim_rows._load_id = details._load_id and claim_rows._source_row = details._source_row

),

-- Identical rows of one file and moment are one row told twice.
copied as (

    select
        *,
        row_number() over (
            partition by
                claim_key, ingested_at, _source_file, {{ content | join(', ') }}, detail_hash
            order by _source_row
        ) as copy_number
    from keyed

),

-- Two files may tell one claim at one moment: the later of them counts, line by line where lines
-- are numbered, so that the lines of one claim may be spread over the files of one export.
summed as (

    select
        claim_key,
        ingested_at,
        line_number,
        _source_file,
        min(case when is_open then 0 else 1 end) as is_decided,
        max(adjudicated_at) as adjudicated_at,
        sum(paid_amount) as paid_amount,
        sum(amount) as amount,
        max(status) as status
    from copied
    where copy_number = 1
    group by claim_key, ingested_at, line_number, _source_file

),

ranked as (

    select
        claim_key,
        ingested_at,
        line_number,
        _source_file,
        row_number() over (
            partition by claim_key, ingested_at, line_number
            order by
                is_decided desc,
                adjudicated_at desc nulls last,
                paid_amount desc nulls last,
                amount desc,
                status desc,
                _source_file desc
        ) as file_rank
    from summed

),

final as (

    select
        copied.*,
        ranked.file_rank,
        copied.copy_number = 1 and ranked.file_rank = 1 as is_told
    from copied
    inner join ranked
        on
            copied.claim_key = ranked.claim_key
            and copied.ingested_at = ranked.ingested_at
            and copied.line_number is not distinct from ranked.line_number
            and copied._source_file = ranked._source_file

)

select * from final
