{#- Why a text date cannot be read, and which order of day and month would read it, if one does (a flag of
    int_care__text_dates). -#}
{% macro date_order_reason(is_read_by_other_order) -%}
    case
        when {{ is_read_by_other_order }}
            then
                'the date cannot be read as {{ date_order() }}; '
                || 'CAREHOUSE_DATE_ORDER={{ other_date_order() }} would'
        else 'the date cannot be read'
    end
{%- endmacro %}
