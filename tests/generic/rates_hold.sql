{% test rates_hold(model) %}
{#- Rule 3 for every column with meta `numerator` and `denominator` (columns of the mart, or sums and
    differences of them): the rate is the one in the other, null where the other is 0, null or not yet
    known (`known_when`), and has its interval around it, unless meta `interval: none` says that its
    parts are no counted cases. is_small_sample is true below seed reporting_rules' limit for its meta
    `sample`. -#}
{%- set columns = mart_columns(model) -%}
{%- set checks = [] -%}
{%- for column in columns -%}
    {%- set meta = column.config.meta or column.meta -%}
    {%- if meta.numerator -%}
        {%- set whole = 'case when ' ~ (meta.known_when or 'true') ~ ' then nullif(cast('
            ~ meta.denominator ~ ' as ' ~ type_double() ~ '), 0) end' -%}
        {%- set rate = 'cast(' ~ meta.numerator ~ ' as ' ~ type_double() ~ ') / (' ~ whole ~ ')' -%}
        {%- set is_measured = meta.interval == 'none' -%}
        {%- do checks.append((column.name, '(' ~ rate ~ ' is null) <> (' ~ column.name ~ ' is null)')) -%}
        {%- do checks.append((
            column.name,
            'abs(' ~ rate ~ ' - ' ~ column.name ~ ') > ' ~ ('0.001' if is_measured else '0.000000001')
        )) -%}
        {%- if not is_measured -%}
            {%- do checks.append((
                column.name,
                '(' ~ column.name ~ ' is null) <> (' ~ column.name ~ '_low is null)'
                ~ ' or (' ~ column.name ~ ' is null) <> (' ~ column.name ~ '_high is null)'
                ~ ' or ' ~ column.name ~ '_low > ' ~ column.name ~ ' + 0.000001'
                ~ ' or ' ~ column.name ~ '_high < ' ~ column.name ~ ' - 0.000001'
                ~ ' or abs(' ~ column.name ~ '_low - (' ~ wilson_low(meta.numerator, whole) ~ ')) > 0.000001'
                ~ ' or abs(' ~ column.name ~ '_high - (' ~ wilson_high(meta.numerator, whole) ~ ')) > 0.000001'
            )) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if meta.sample -%}
        {%- do checks.append((
            column.name, column.name ~ ' is null or ' ~ column.name ~ ' <> ('
            ~ is_small_sample('(' ~ meta.sample ~ ')') ~ ')'
        )) -%}
    {%- endif -%}
{%- endfor -%}
{#- Said here, too, since columns are not known yet when dbt looks for references. -#}
-- depends_on: {{ ref('reporting_rules') }}
{%- for name, condition in checks or [('none', 'false')] %}
{{ 'union all ' if not loop.first }}select '{{ name }}' as column_name
from {{ model }}
where {{ condition }}
{%- endfor %}
{% endtest %}
