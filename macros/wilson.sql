{#- The ends of the Wilson score interval of a share, as doubles; null where nothing was counted. It
    stays within 0 and 1 and is honest at 0 of 3, where the usual plus or minus gives no width at all.
    Trap: for cases counted among cases only, never for hours among hours or money in money. -#}
{% macro wilson_low(part, whole) -%} {{ wilson_end(part, whole, '-') }} {%- endmacro %}

{% macro wilson_high(part, whole) -%} {{ wilson_end(part, whole, '+') }} {%- endmacro %}

{% macro wilson_end(part, whole, sign) -%}
    {%- set n = 'nullif(cast(' ~ whole ~ ' as ' ~ type_double() ~ '), 0)' -%}
    {%- set p = 'cast(' ~ part ~ ' as ' ~ type_double() ~ ') / ' ~ n -%}
    {%- set z = 'cast(' ~ reporting_rule('interval_z') ~ ' as ' ~ type_double() ~ ')' -%}
    cast(round(cast(
        (
            {{ p }} + {{ z }} * {{ z }} / (2 * {{ n }})
            {{ sign }} {{ z }} * sqrt(
                {{ p }} * (1 - {{ p }}) / {{ n }} + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }})
            )
        ) / (1 + {{ z }} * {{ z }} / {{ n }}) as decimal(28, 10)
    ), 6) as {{ type_double() }})
{%- endmacro %}
