-- grain: one row per spelling of a date met in a cell or a note
with pieces as (

    select * from {{ ref('int_workbooks__pieces') }}

),

blocks as (

    select * from {{ ref('int_notes__date_candidates') }}

),

month_names as (

    select * from {{ ref('month_names') }}

),

texts as (

    select piece as date_text
    from pieces
    where value_type = 'text' and length(piece) between 3 and 60
    union
    select value_after as date_text
    from pieces
    where value_type = 'text' and length(value_after) between 4 and 60
    union
    select date_text
    from blocks

),

without_time as (

    select
        date_text,
        {{ regex_replace(
            regex_replace(
                "lower(translate(date_text, '०१२३४५६७८९', '0123456789'))",
                '((?:19|20)[0-9]{2})[ t,]+[0-9]{1,2}[.][0-9]{2}$', '\\1'
            ),
            "[ t,]+(at )?([0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( *[ap][.]?m[.]?)?"
            ~ "|[0-9]{1,2}([.][0-9]{2})? *[ap][.]?m[.]?|[0-9]{1,2}[.][0-9]{2} *hrs)"
            ~ "( *hrs| *z| *[+-][0-9]{2}:?[0-9]{2})?$", ""
        ) }} as tidy_text
    from texts

),

without_words as (

    select
        date_text,
        {{ regex_replace(
            regex_replace(
                regex_replace('tidy_text', '^(date|dated|dt|on|as on)[ :.-]+', ''),
                '\\b(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|'
                ~ 'thursday|friday|saturday|sunday|of|the|de|del|le|el|den|der|' ~ weekdays_elsewhere() ~ ')\\b', ' '
            ),
            '([0-9])(st|nd|rd|th|er)\\b', '\\1 '
        ) }} as tidy_text
    from without_time
    where {{ regex_matches('tidy_text', '[0-9]') }}

),

split_up as (

    select
        date_text,
        trim(both '-' from {{ regex_replace(
            regex_replace(
                regex_replace('tidy_text', '([0-9])([\\p{L}])', '\\1-\\2'), '([\\p{L}\\p{M}])([0-9])', '\\1-\\2'
            ),
            '[^0-9\\p{L}\\p{M}]+', '-'
        ) }}) as tidy_text
    from without_words

),

parts as (

    select
        date_text,
        {{ text_part('tidy_text', '-', 1) }} as part_1,
        {{ text_part('tidy_text', '-', 2) }} as part_2,
        {{ text_part('tidy_text', '-', 3) }} as part_3
    from split_up
    where {{ regex_matches('tidy_text', '^[^-]+-[^-]+(-[^-]+)?$') }}

),

named as (

    select
        parts.date_text,
        parts.part_1,
        parts.part_2,
        parts.part_3,
        first_months.month_number as month_1,
        second_months.month_number as month_2
    from parts
    left join month_names as first_months on parts.part_1 = lower(first_months.month_name)
    left join month_names as second_months on parts.part_2 = lower(second_months.month_name)

),

final as (

    select
        date_text,
        case when part_3 is not null then {{ date_from_parts(date_order()) }} end as parsed_date,
        case when part_3 is not null then {{ date_from_parts('mdy') }} end as month_first_date,
        case when part_3 is null then {{ month_from_parts(date_order()) }} end as yearless_month,
        case when part_3 is null then {{ day_from_parts() }} end as yearless_day,
        part_3 is null
        and {{ month_from_parts(date_order()) }} is null
        and {{ month_from_parts(other_date_order()) }} is not null as is_read_by_other_order
    from named

)

select * from final
