{%- set amounts = ['allowed_amount', 'copay_amount', 'deductible_amount', 'coinsurance_amount'] -%}
{%- set others = [
    'procedure_code', 'revenue_code', 'ndc_code', 'quantity', 'days_supply',
    'place_of_service_code', 'service_from_date', 'service_to_date', 'claim_type', 'bill_type_code',
] -%}
{%- for number in range(2, 13) -%}
    {%- do others.append('diagnosis_code_' ~ number) -%}
{%- endfor -%}
-- grain: one row per row of a claims file that says more than a claim must
with staged as (

    select * from {{ ref('stg_claims__claims') }}

),

final as (

    select
        _load_id,
        _source_row,
        {%- for name in amounts + others %}
            {{ name }},
        {%- endfor %}
        {{ surrogate_key(amounts + others) }} as detail_hash
    from staged
    where
        {%- for name in amounts + others %}
            {{ 'or ' if not loop.first }}{{ name }} is not null
        {%- endfor %}

)

select * from final
