{#- What is left of a family's charges by age after its credit paid the oldest first, and the credit
    left over: five columns over charged_over_90, charged_61_90, charged_31_60, charged_0_30, credit.
    Trap: paying newest first, or each charge by its own credit, ages the same balance differently. -#}
{% macro oldest_first() -%}
    {%- set buckets = ['over_90', '61_90', '31_60', '0_30'] -%}
    {%- for bucket in buckets -%}
        {%- set older = [] -%}
        {%- for other in buckets[:loop.index] -%} {%- do older.append('charged_' ~ other) -%} {%- endfor %}
    greatest(least(charged_{{ bucket }}, {{ older | join(' + ') }} - credit), 0)
        as balance_{{ bucket }},
    {%- endfor %}
    greatest(credit - charged_over_90 - charged_61_90 - charged_31_60 - charged_0_30, 0)
        as unapplied_credit
{%- endmacro %}
