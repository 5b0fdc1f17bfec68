{#- How ambiguous text dates read: dmy (12/03 is 12 March) or mdy. -#}
{% macro date_order() -%}
    {{ var('date_order', none) or env_var('CAREHOUSE_DATE_ORDER', 'dmy') }}
{%- endmacro %}

{#- The order that a feed states, else the one of the settings. -#}
{% macro known_order(stated) -%}
    coalesce({{ stated }}, '{{ date_order() }}')
{%- endmacro %}

{#- The order that would read a text date which this one cannot. -#}
{% macro other_date_order() -%}
    {{ 'mdy' if date_order() == 'dmy' else 'dmy' }}
{%- endmacro %}
