-- grain: one row per procedure category and calendar month, over the months that are complete
with category_months as (

    select * from {{ ref('int_dental__category_months') }}

),

span as (

    select
        min(month) as first_month,
        cast(date_trunc('month', {{ as_of() }}) as date) as as_of_month
    from category_months

),

whole_months as (

    select category_months.month
    from category_months
    cross join span
    where
        category_months.month > span.first_month
        and category_months.month < span.as_of_month
    group by category_months.month

),

calendar as (

    select
        extract(month from month) as calendar_month,
        count(*) as months_observed
    from whole_months
    group by extract(month from month)

),

observed as (

    select
        category_months.procedure_category,
        extract(month from category_months.month) as calendar_month,
        sum(category_months.completed_procedures) as completed_procedures
    from category_months
    inner join whole_months on category_months.month = whole_months.month
    group by
        category_months.procedure_category,
        extract(month from category_months.month)

),

totals as (

    select
        observed.procedure_category,
        sum(observed.completed_procedures) as completed_procedures
    from observed
    group by observed.procedure_category

),

length_of_span as (

    select count(*) as months_observed from whole_months

),

final as (

    select
        observed.procedure_category,
        cast(observed.calendar_month as integer) as calendar_month,
        calendar.months_observed,
        {{ ratio(
            'cast(observed.completed_procedures as ' ~ type_double() ~ ') / calendar.months_observed',
            'cast(totals.completed_procedures as ' ~ type_double() ~ ')'
            ~ ' / length_of_span.months_observed'
        ) }} as season_index
    from observed
    inner join calendar on observed.calendar_month = calendar.calendar_month
    inner join totals on observed.procedure_category = totals.procedure_category
    cross join length_of_span

)

select * from final
