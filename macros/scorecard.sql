{#- A feature's value as the key it is looked up by: numbers to three decimals, since joins on decimals
    are several times faster than on doubles; null has a key of its own. -#}
{% macro feature_key(column, kind) -%}
    {%- if kind == 'number' -%}
        coalesce(cast({{ column }} as decimal(18, 3)), -999999999.999)
    {%- else -%}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
    {%- endif -%}
{%- endmacro %}

{#- CTEs from a relation of features (a CTE named `features`) and the current terms of a model to
    `contributions`: what each value that occurs adds to the log odds, one row per feature and value.
    Looking up the values that occur, not the rows, is what makes a million rows fast. -#}
{% macro scorecard_contributions(model, columns) -%}
terms as (

    select * from {{ ref('int_ml__current_terms') }}
    where model_name = '{{ model }}'

),

occurring as (
{% for column in columns %}
    {{ 'union all ' if not loop.first }}select
        '{{ column.name }}' as feature,
        {% if column.kind == 'number' -%}
        {{ feature_key(column.name, 'number') }} as number_key,
        cast(null as {{ dbt.type_string() }}) as text_key
        {%- else -%}
        cast(null as decimal(18, 3)) as number_key,
        {{ feature_key(column.name, 'category') }} as text_key
        {%- endif %}
    from features
    group by {{ feature_key(column.name, column.kind) }}
{%- endfor %}

),

contributions as (

    select
        occurring.feature,
        occurring.number_key,
        occurring.text_key,
        coalesce(bins.contribution, categories.contribution, others.contribution, 0)
            as contribution
    from occurring
    left join terms as bins
        on
            occurring.feature = bins.feature
            and bins.kind = 'bin'
            and occurring.number_key <> -999999999.999
            and (
                cast(occurring.number_key as {{ type_double() }}) >= bins.lower
                or bins.lower is null
            )
            and (
                cast(occurring.number_key as {{ type_double() }}) < bins.upper
                or bins.upper is null
            )
    left join terms as categories
        on
            occurring.feature = categories.feature
            and categories.kind = 'category'
            and occurring.text_key = categories.category
    left join terms as others
        on
            occurring.feature = others.feature
            and others.kind = case
                when occurring.number_key = -999999999.999 or occurring.text_key = '' then 'missing'
                else 'unseen'
            end

)
{%- endmacro %}

{#- The query that scores a feature mart with its model's terms: one lookup per feature, summed, through
    the logistic. Rows that the model was fitted or calibrated on are left out. No rows without skill. -#}
{% macro scorecard(mart) -%}
{%- set columns = model_columns(mart) | selectattr('is_feature') | list -%}
{%- set opens = model_columns(mart) | selectattr('kind', 'equalto', 'open') | map(attribute='name') | list -%}
with models as (

    select
        model_name,
        model_version,
        contribution as intercept,
        base_rate,
        test_from
    from {{ ref('int_ml__current_terms') }}
    where kind = 'intercept' and model_name = '{{ model_of(mart) }}'

),

features as (

    select marts.*
    from {{ ref(mart) }} as marts
    cross join models
    where {{ opens[0] if opens else 'true' }} or marts.known_at >= models.test_from

){% if columns %},

{{ scorecard_contributions(model_of(mart), columns) }}{% endif %},

summed as (

    select
        features.entity_id,
        features.known_at,
        models.intercept
        {%- for column in columns %}
        + {{ column.name }}_terms.contribution
        {%- endfor %} as log_odds
    from features
    cross join models
    {%- for column in columns %}
    left join contributions as {{ column.name }}_terms
        on
            {{ column.name }}_terms.feature = '{{ column.name }}'
            and {{ feature_key('features.' ~ column.name, column.kind) }}
            = {{ column.name }}_terms.{{ 'number_key' if column.kind == 'number' else 'text_key' }}
    {%- endfor %}

),

final as (

    select
        models.model_name,
        models.model_version,
        summed.entity_id,
        summed.known_at,
        models.base_rate,
        1 / (1 + exp(-summed.log_odds)) as probability
    from summed
    cross join models

)

select * from final
{%- endmacro %}

{#- The query of the three largest terms of each row whose outcome is still open, in words. -#}
{% macro scorecard_reasons(mart) -%}
{%- set columns = model_columns(mart) | selectattr('is_feature') | list -%}
{%- set opens = model_columns(mart) | selectattr('kind', 'equalto', 'open') | map(attribute='name') | list -%}
with features as (

    select * from {{ ref(mart) }}
    where {{ opens[0] if opens else 'true' }}

),

{{ scorecard_contributions(model_of(mart), columns or [{'name': 'entity_id', 'kind': 'category'}]) }},

words as (

    select * from {{ ref('int_ml__features') }}
    where model_name = '{{ model_of(mart) }}'

),

unpivoted as (
{% for column in columns or [{'name': 'entity_id', 'kind': 'category'}] %}
    {{ 'union all ' if not loop.first }}select
        entity_id,
        '{{ column.name }}' as feature,
        {% if column.kind == 'number' -%}
        {{ feature_key(column.name, 'number') }} as number_key,
        cast(null as {{ dbt.type_string() }}) as text_key
        {%- else -%}
        cast(null as decimal(18, 3)) as number_key,
        {{ feature_key(column.name, 'category') }} as text_key
        {%- endif %}
    from features
{%- endfor %}

),

explained as (

    select
        unpivoted.entity_id,
        unpivoted.feature,
        contributions.contribution,
        case
            when unpivoted.number_key = -999999999.999 or unpivoted.text_key = ''
                then words.words_missing
            when unpivoted.number_key = 0 then {{ dbt.replace('words.words_zero', "'{value}'", "'0'") }}
            else {{ in_words('words.words', 'unpivoted.number_key', 'unpivoted.text_key') }}
        end as reason,
        row_number() over (
            partition by unpivoted.entity_id
            order by abs(contributions.contribution) desc nulls last, words.column_order asc nulls last
        ) as reason_rank
    from unpivoted
    inner join words on unpivoted.feature = words.feature
    inner join contributions
        on
            unpivoted.feature = contributions.feature
            and coalesce(unpivoted.number_key, 0) = coalesce(contributions.number_key, 0)
            and coalesce(unpivoted.text_key, '') = coalesce(contributions.text_key, '')
    where abs(contributions.contribution) >= {{ var('ml_reason_at_least') }}

),

joined as (

    select
        entity_id,
        {% for sign, name in [('>', 'more'), ('<', 'less')] -%}
        {%- for rank in [1, 2, 3] -%}
        {{ '|| ' if rank > 1 }}coalesce(max(case
            when reason_rank = {{ rank }} and contribution {{ sign }} 0 then reason || ', '
        end), '')
        {%- endfor %} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from explained
    where reason_rank <= 3
    group by entity_id

),

final as (

    select
        entity_id,
        case when more <> '' then 'more likely: ' || substr(more, 1, length(more) - 2) else '' end
        || case when more <> '' and less <> '' then '; ' else '' end
        || case when less <> '' then 'less likely: ' || substr(less, 1, length(less) - 2) else '' end
            as reasons
    from joined

)

select * from final
{%- endmacro %}

{#- A reason with the value in its place; {weekday} and {month} become names. -#}
{% macro in_words(words, number, text) -%}
    replace(replace(replace(
        {{ words }},
        '{value}', coalesce({{ text }}, trim(trailing '.' from trim(
            trailing '0' from cast({{ number }} as {{ dbt.type_string() }})
        )), '')
    ), '{weekday}', coalesce(case cast({{ number }} as integer)
        {%- for name in ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end, '')), '{month}', coalesce(case cast({{ number }} as integer)
        {%- for name in ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end, ''))
{%- endmacro %}
