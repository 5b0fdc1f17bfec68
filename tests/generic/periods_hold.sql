{% test periods_hold(model, known_day='stg_landing__newest_extract') %}
{#- Rule 1 for a mart whose period column says meta `period` (day, week, month, or coming): is_complete
    is true of what is over and false of what runs (the as-of day itself may be either); columns with
    meta `change_of` are null while their period runs; a coming mart holds nothing past. `known_day` is
    the model that holds the domain's own as-of day. -#}
{%- set columns = mart_columns(model) -%}
{%- set found = namespace(first_day='null', period='day', changes=[]) -%}
{%- for column in columns -%}
    {%- set meta = column.config.meta or column.meta -%}
    {%- if meta.period -%}
        {%- set found.first_day = column.name -%}{%- set found.period = meta.period -%}
    {%- endif -%}
    {%- if meta.change_of -%} {%- do found.changes.append(column.name) -%} {%- endif -%}
{%- endfor -%}
{%- set as_of_day = as_of(known_day) -%}
select {{ found.first_day }} as first_day
from {{ model }}
where
    {%- if found.period == 'coming' %}
        {{ found.first_day }} <= {{ as_of_day }}
    {%- else %}
    {%- set last_day = period_end(found.first_day, found.period) %}
        is_complete is null
        or (is_complete and {{ last_day }} > {{ as_of_day }})
        or (not is_complete and {{ last_day }} < {{ as_of_day }})
        {%- for change in found.changes %}
            or (not is_complete and {{ change }} is not null)
        {%- endfor %}
    {%- endif %}
{% endtest %}
