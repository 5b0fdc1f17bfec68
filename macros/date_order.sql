{#- How ambiguous text dates read: dmy (12/03 is 12 March) or mdy. -#}
{% macro date_order() -%}
    {{ var('date_order', none) or env_var('CAREHOUSE_DATE_ORDER', 'dmy') }}
{%- endmacro %}

{#- The order that would read a text date which this one cannot. -#}
{% macro other_date_order() -%}
    {{ 'mdy' if date_order() == 'dmy' else 'dmy' }}
{%- endmacro %}
