{#- The last day on which a carrier takes a claim for a day of service, and what is left until then:
    four columns; null without a carrier or a day of service. -#}
{% macro filing_columns(service_date, limit_days) -%}
    cast({{ limit_days }} as bigint) as filing_limit_days,
    {{ add_days(service_date, limit_days) }} as filing_deadline_date,
    cast(
        {{ dbt.datediff(as_of(), add_days(service_date, limit_days), 'day') }} as bigint
    ) as days_to_filing_deadline,
    {{ add_days(service_date, limit_days) }} < {{ as_of() }} as is_past_filing_deadline
{%- endmacro %}
