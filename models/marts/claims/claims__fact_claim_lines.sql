-- grain: one row per line of a claim
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_numbers as (

    select * from {{ ref('int_claims__repeated_numbers') }}

),

counted_rows as (

    select * from {{ ref('int_claims__counted_rows') }}

),

details as (

    select * from {{ ref('int_claims__detailed_lines') }}

),

lines as (

    select
        claim_rows.claim_number as claim_key,
        1 as line_sequence,
        claim_rows.source_system,
        claim_rows.line_number,
        claim_rows.status,
        claim_rows.amount,
        claim_rows.paid_amount,
        claim_rows._source_file,
        claim_rows._source_row
    from claim_rows
    left join repeated_numbers on claim_rows.claim_number = repeated_numbers.claim_number
    where repeated_numbers.claim_number is null
    union all
    select
        claim_key,
        line_sequence,
        source_system,
        line_number,
        status,
        amount,
        paid_amount,
        _source_file,
        _source_row
    from counted_rows

),

final as (

    select
        lines.claim_key,
        cast(lines.line_sequence as integer) as line_sequence,
        lines.source_system,
        cast(coalesce(lines.line_number, lines.line_sequence) as integer) as line_number,
        lines.status,
        details.procedure_code,
        details.revenue_code,
        details.ndc_code,
        details.place_of_service_code,
        details.claim_type,
        details.bill_type_code,
        {%- for number in range(2, 13) %}
            details.diagnosis_code_{{ number }},
        {%- endfor %}
        lines.amount < 0 as is_reversal,
        lines.amount,
        details.allowed_amount,
        lines.paid_amount,
        details.copay_amount,
        details.deductible_amount,
        details.coinsurance_amount,
        details.quantity,
        details.days_supply,
        details.service_from_date,
        details.service_to_date,
        lines._source_file,
        lines._source_row
    from lines
    left join details
        on lines.claim_key = details.claim_key and lines.line_sequence = details.line_sequence

)

select * from final
