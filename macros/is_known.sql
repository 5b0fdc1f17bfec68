{#- Whether a row was known on the as-of day: one of its days (of the thing itself, of typing it in) is
    not later, or it has none. Always true where no as-of day is set: a post-dated payment that is in
    the newest extract is known. Trap: a payment typed in late with an earlier day counts from that
    earlier day, as in the program's own historic aging. What had landed by the day was known,
    whatever its days say. -#}
{% macro is_known(days, landed=none) -%}
    {%- if named_day() -%}
        (
            {% for day in days -%}
                coalesce(cast({{ day }} as date) <= {{ as_of() }}, false) or {{ ' ' }}
            {%- endfor -%}
            {% if landed -%}
                coalesce(cast({{ landed }} as date) <= {{ as_of() }}, false) or {{ ' ' }}
            {%- endif -%}
            ({% for day in days %}{{ day }} is null{{ ' and ' if not loop.last }}{% endfor %})
        )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}
