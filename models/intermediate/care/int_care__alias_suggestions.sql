{#- field, seed, known value, what stands before the label in a line of the seed, and after it -#}
{%- set known_columns = [
    ('location', 'location_aliases', 'location_name', "''", "',' || " ~ csv_value('location_name')),
    ('growth_level', 'growth_level_aliases', 'growth_level', "''",
        "',' || cast(growth_level as " ~ dbt.type_string() ~ ")"),
    ('program_category', 'program_category_aliases', 'program_category', "''",
        "',' || " ~ csv_value('program_category')),
    ('current_status', 'participant_status_aliases', 'status_name', "''", "',' || status_name"),
    ('risk_level', 'risk_level_aliases', 'risk_level', "''",
        "',' || risk_level || ',' || cast(risk_order as " ~ dbt.type_string() ~ ")"),
    ('column header', 'workbook_header_aliases', 'field',
        "table_kind || ',' || field || ',exact,1,'", "''"),
] -%}
-- grain: one row per field and spelling that no alias knows, with the line that would name it
with unmapped as (

    select * from {{ ref('int_care__unmapped_values') }}

),

spellings as (

    select
        field,
        value_text,
        {{ normalize_label('value_text') }} as label
    from unmapped
    group by field, value_text

),

known as (

    {% for field, seed, value, line_start, line_end in known_columns %}
        select
            '{{ field }}' as field,
            '{{ seed }}' as seed_name,
            {{ normalize_label('label') }} as known_label,
            cast({{ value }} as {{ dbt.type_string() }}) as known_value,
            {{ line_start }} as line_start,
            {{ line_end }} as line_end
        from {{ ref(seed) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

seeds as (

    select
        field,
        min(seed_name) as seed_name
    from known
    group by field

),

compared as (

    select
        spellings.field,
        spellings.value_text,
        known.known_value,
        known.line_start,
        known.line_end,
        greatest(
            {{ text_similarity('spellings.label', 'known.known_label') }},
            {{ text_similarity('spellings.label', normalize_label('known.known_value')) }}
        ) as similarity,
        known.known_label
    from spellings
    inner join known on spellings.field = known.field
    where known.known_value is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by field, value_text
            order by
                similarity desc, length(known_label) asc, known_label asc, known_value asc,
                line_start asc
        ) as similarity_rank
    from compared
    where similarity >= {{ var('alike_from') }}

),

final as (

    select
        spellings.field,
        spellings.value_text,
        seeds.seed_name,
        ranked.known_value as nearest_value,
        case
            when ranked.known_value is not null
                then ranked.line_start || spellings.label || ranked.line_end
            -- a name of its own: participants' statuses and risks are a closed list
            when spellings.field in ('location', 'program_category')
                then spellings.label || ',' || {{ csv_value('spellings.value_text') }}
            when spellings.field = 'growth_level' then spellings.label || ','
        end as line_to_add
    from spellings
    inner join seeds on spellings.field = seeds.field
    left join ranked
        on
            spellings.field = ranked.field
            and spellings.value_text = ranked.value_text
            and ranked.similarity_rank = 1

)

select * from final
