-- grain: one row per spelling of a growth level met in a text cell
with cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

aliases as (

    {{ alias_lines('growth_level_aliases', ['growth_level']) }}

),

texts as (

    select
        value_text as growth_text,
        min(label) as label,
        {{ regex_replace(
            "lower(translate(value_text, '०१२३४५६७८९', '0123456789'))", '(/|out of|of) *(5|10)\\b', ' '
        ) }} as tidy_text
    from cells
    where value_type = 'text' and length(value_text) <= 60
    group by value_text

),

extracted as (

    -- a number that leads, or the only one; never a range, a share, a date or a length of time
    select
        growth_text,
        label,
        case
            when
                {{ regex_matches('tidy_text', growth_lead_pattern() ~ '[.]?($|[^0-9.%].*)') }}
                and not {{ regex_matches(
                    'tidy_text', growth_lead_pattern() ~ '[ ]*' ~ growth_not_a_level()
                ) }}
                then
                    {{ try_to(regex_extract('tidy_text', growth_lead_pattern()), 'decimal(5, 2)') }}
            when
                {{ regex_matches('tidy_text', '^[^0-9]*[^0-9.−-] *[0-9]+([.][0-9]+)?[^0-9]*$') }}
                and not {{ regex_matches('tidy_text', '[0-9] *' ~ growth_not_a_level()) }}
                then
                    {{ try_to(
                        regex_extract('tidy_text', '([0-9]+(?:[.][0-9]+)?)'), 'decimal(5, 2)'
                    ) }}
        end as extracted_level
    from texts

),

final as (

    select
        extracted.growth_text,
        case
            when aliases.label is not null then cast(aliases.growth_level as decimal(5, 2))
            when
                extracted.extracted_level <= {{ var('highest_growth_level') }}
                then extracted.extracted_level
        end as parsed_level,
        aliases.label is not null as is_known_text
    from extracted
    left join aliases on extracted.label = aliases.label

)

select * from final
