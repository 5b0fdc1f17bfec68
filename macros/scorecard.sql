{#- The query that scores a feature mart with its model's terms: one expression per feature, summed,
    through the logistic. Rows that the model was fitted or calibrated on are left out. No rows without
    skill. Trap: the terms stand in the SQL as int_ml__current_terms held them when dbt compiled it, so
    compile and run it in one go, after that model. -#}
{% macro scorecard(mart) -%}
{%- set columns = model_columns(mart) | selectattr('is_feature') | list -%}
{%- set opens = model_columns(mart) | selectattr('kind', 'equalto', 'open') | map(attribute='name') | list -%}
{%- set terms = current_terms(model_of(mart)) -%}
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

    select
        models.model_name,
        models.model_version,
        marts.entity_id,
        marts.known_at,
        {%- for column in columns if terms[column.name] %}
        marts.{{ column.name }},
        {%- endfor %}
        models.intercept,
        models.base_rate
    from {{ ref(mart) }} as marts
    cross join models
    where {{ opens[0] if opens else 'true' }} or marts.known_at >= models.test_from

),

summed as (

    select
        model_name,
        model_version,
        entity_id,
        known_at,
        base_rate,
        intercept
        {%- for column in columns if terms[column.name] %}
        + {{ feature_contribution(column, terms[column.name]) }}
        {%- endfor %} as log_odds
    from features

),

final as (

    select
        model_name,
        model_version,
        entity_id,
        known_at,
        base_rate,
        1 / (1 + exp(-log_odds)) as probability
    from summed

)

select * from final
{%- endmacro %}

{#- The query of the three largest terms of each row whose outcome is still open, in words. Few rows are
    open, so these are joined to the terms. -#}
{% macro scorecard_reasons(mart) -%}
{%- set columns = model_columns(mart) | selectattr('is_feature') | list -%}
{%- set opens = model_columns(mart) | selectattr('kind', 'equalto', 'open') | map(attribute='name') | list -%}
with features as (

    select * from {{ ref(mart) }}
    where {{ opens[0] if opens else 'true' }}

),

terms as (

    select * from {{ ref('int_ml__current_terms') }}
    where model_name = '{{ model_of(mart) }}'

),

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
        cast({{ column.name }} as {{ type_double() }}) as number_value,
        cast(null as {{ dbt.type_string() }}) as text_value
        {%- else -%}
        cast(null as {{ type_double() }}) as number_value,
        cast({{ column.name }} as {{ dbt.type_string() }}) as text_value
        {%- endif %}
    from features
{%- endfor %}

),

told as (

    select
        unpivoted.*,
        coalesce(bins.contribution, categories.contribution, others.contribution, 0)
            as contribution
    from unpivoted
    left join terms as bins
        on
            unpivoted.feature = bins.feature
            and bins.kind = 'bin'
            and unpivoted.number_value is not null
            and (unpivoted.number_value >= bins.lower or bins.lower is null)
            and (unpivoted.number_value < bins.upper or bins.upper is null)
    left join terms as categories
        on
            unpivoted.feature = categories.feature
            and categories.kind = 'category'
            and unpivoted.text_value = categories.category
    left join terms as others
        on
            unpivoted.feature = others.feature
            and others.kind = case
                when unpivoted.number_value is null and unpivoted.text_value is null then 'missing'
                else 'unseen'
            end

),

explained as (

    select
        told.entity_id,
        told.contribution,
        case
            when told.number_value is null and told.text_value is null then words.words_missing
            when told.number_value = 0 then {{ dbt.replace('words.words_zero', "'{value}'", "'0'") }}
            else {{ in_words('words.words', 'told.number_value', 'told.text_value') }}
        end as reason,
        row_number() over (
            partition by told.entity_id
            order by abs(told.contribution) desc nulls last, words.column_order asc nulls last
        ) as reason_rank
    from told
    inner join words on told.feature = words.feature
    where abs(told.contribution) >= {{ var('ml_reason_at_least') }}

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
        '{value}', coalesce({{ text }}, {{ shown_number(number) }}, '')
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
