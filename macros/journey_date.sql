{#- The first ('from') or last ('to') day of the treatment journey: var ml_journey_from or ml_journey_to,
    else of the last full calendar year before the as-of day. -#}
{% macro journey_date(end) -%}
    {%- set given = var('ml_journey_' ~ end, none) -%}
    {%- if given -%} cast('{{ given }}' as date)
    {%- elif end == 'from' -%}
        cast(date_trunc('year', {{ as_of() }}) - interval '1 year' as date)
    {%- else -%} cast(date_trunc('year', {{ as_of() }}) - interval '1 day' as date)
    {%- endif -%}
{%- endmacro %}
