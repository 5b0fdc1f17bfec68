with categories as (

    select
        'dental_procedure_categories' as seed,
        from_code as place,
        to_code as upper_edge,
        lead(from_code) over (order by from_code asc nulls last) as next_edge
    from {{ ref('dental_procedure_categories') }}

),

age_bands as (

    select
        from_age,
        to_age,
        lead(from_age) over (order by from_age asc nulls last) as next_age,
        min(from_age) over () as lowest_age
    from {{ ref('dental_age_bands') }}

),

kinds as (

    select
        sum(case when kind = 'missed_appointment' then 1 else 0 end) as missed_rules,
        sum(case when kind = 'cancelled_appointment' then 1 else 0 end) as cancelled_rules
    from {{ ref('dental_utility_code_rules') }}

),

statuses as (

    select
        sum(case when procedure_status_code = 1 and is_planned then 1 else 0 end) as planned_status
    from {{ ref('opendental_procedure_statuses') }}

)

select
    seed,
    place
from categories
where place > upper_edge or upper_edge >= next_edge
union all
select
    'dental_age_bands' as seed,
    cast(from_age as {{ dbt.type_string() }}) as place
from age_bands
where from_age >= to_age or to_age <> next_age or lowest_age <> 0
union all
select
    'dental_utility_code_rules' as seed,
    'missed_appointment or cancelled_appointment' as place
from kinds
where coalesce(missed_rules, 0) = 0 or coalesce(cancelled_rules, 0) = 0
union all
select
    'opendental_procedure_statuses' as seed,
    '1' as place
from statuses
where coalesce(planned_status, 0) <> 1
