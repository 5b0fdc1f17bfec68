{#- Whether a row was known on the as-of day: its drop is not of a later day, and neither is the given
    moment of the row (booked, paid). True for every row where no as-of day is set: a drop may be of
    tomorrow. Trap: the bulk keeps no history, so of a day before it only the moments tell. -#}
{% macro clinic_is_known(drop_day, moment=none) -%}
    {%- set day = named_day() -%}
    {%- if day -%}
        (
            coalesce({{ drop_day }} <= cast('{{ day }}' as date), true)
            {%- if moment %} and coalesce(cast({{ moment }} as date) <= cast('{{ day }}' as date), true){% endif %}
        )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}
