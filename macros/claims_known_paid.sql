{#- The sum of what claims were paid, or of those under a condition: null where claims are paid and
    no file says how much. What an open or a denied claim was paid is 0 where nothing is told. -#}
{% macro claims_known_paid(is_paid, condition='true') -%}
    case
        when
            sum(case when {{ is_paid }} then 1 else 0 end) > 0
            and sum(case when {{ is_paid }} then paid_amount end) is null then null
        else coalesce(sum(case when {{ condition }} then paid_amount end), 0)
    end
{%- endmacro %}
