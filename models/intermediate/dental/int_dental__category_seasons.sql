-- grain: one row per procedure category and calendar month that has been seen whole
with category_months as (

    select * from {{ ref('int_dental__category_months') }}

),

-- Months as whole numbers, so that a calendar month's turns are counted without listing them. The
-- first month is left out as the practice may have begun in it, the as-of day's as it still runs.
span as (

    select
        extract(year from min(month)) * 12 + extract(month from min(month)) as first_whole,
        extract(year from {{ as_of() }}) * 12 + extract(month from {{ as_of() }}) - 2
            as last_whole
    from category_months

),

whole_months as (

    select category_months.*
    from category_months
    cross join span
    where
        extract(year from category_months.month) * 12
        + extract(month from category_months.month) - 1
        between span.first_whole and span.last_whole

),

calendar as (

    select
        numbers.number as calendar_month,
        floor((span.last_whole + 1 - numbers.number) / 12.0)
        - floor((span.first_whole - numbers.number) / 12.0) as months_observed
    from ({{ number_series(12) }}) as numbers
    cross join span
    where span.last_whole >= span.first_whole

),

totals as (

    select
        procedure_category,
        sum(completed_procedures) as completed_procedures
    from whole_months
    group by procedure_category

),

observed as (

    select
        procedure_category,
        extract(month from month) as calendar_month,
        sum(completed_procedures) as completed_procedures
    from whole_months
    group by procedure_category, extract(month from month)

),

final as (

    select
        totals.procedure_category,
        calendar.calendar_month,
        cast(calendar.months_observed as bigint) as months_observed,
        {{ ratio(
            'cast(coalesce(observed.completed_procedures, 0) as ' ~ type_double() ~ ')'
            ~ ' / calendar.months_observed',
            'cast(totals.completed_procedures as ' ~ type_double() ~ ')'
            ~ ' / (span.last_whole - span.first_whole + 1)'
        ) }} as season_index
    from totals
    cross join span
    cross join calendar
    left join observed
        on
            totals.procedure_category = observed.procedure_category
            and calendar.calendar_month = observed.calendar_month
    where calendar.months_observed > 0

)

select * from final
