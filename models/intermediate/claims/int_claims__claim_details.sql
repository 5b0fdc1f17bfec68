{%- set amounts = ['allowed_amount', 'copay_amount', 'deductible_amount', 'coinsurance_amount'] -%}
-- grain: one row per claim whose lines say more than a claim must: their sums and ends
with lines as (

    select * from {{ ref('int_claims__detailed_lines') }}

),

final as (

    select
        claim_key,
        {%- for name in amounts %}
            cast(sum({{ name }}) as decimal(18, 2)) as {{ name }},
        {%- endfor %}
        min(claim_type) as claim_type,
        min(service_from_date) as service_from_date,
        max(coalesce(service_to_date, service_from_date)) as service_to_date
    from lines
    group by claim_key

)

select * from final
