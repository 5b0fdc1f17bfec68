with treatments as (

    select
        sum(case when is_completed and not is_utility then fee_amount else 0 end) as completed,
        sum(case when is_completed then fee_amount else 0 end) as all_completed
    from {{ ref('int_dental__treatments') }}

),

planned as (

    select sum(fee_amount) as presented
    from {{ ref('int_dental__planned_treatments') }}
    where is_presented

),

insights as (

    select
        sum(production_amount) as completed,
        sum(planned_amount) as presented
    from {{ ref('dental__procedure_insights') }}

),

acceptance as (

    select sum(presented_amount) as presented
    from {{ ref('dental__treatment_acceptance') }}

),

by_provider as (

    select sum(presented_amount) as presented
    from {{ ref('dental__treatment_acceptance_by_provider') }}

),

utilization as (

    select sum(gross_production_amount) as completed
    from {{ ref('dental__provider_utilization_daily') }}

),

overview as (

    select
        sum(presented_amount) as presented,
        sum(gross_production) as completed
    from {{ ref('dental__practice_overview_monthly') }}

),

compared as (

    select
        'completed, procedure_insights' as what,
        treatments.completed as expected,
        insights.completed as found
    from treatments
    cross join insights
    union all
    select
        'completed, provider_utilization_daily' as what,
        treatments.completed as expected,
        utilization.completed as found
    from treatments
    cross join utilization
    union all
    select
        'completed, practice_overview_monthly' as what,
        treatments.all_completed as expected,
        overview.completed as found
    from treatments
    cross join overview
    union all
    select
        'presented, procedure_insights' as what,
        planned.presented as expected,
        insights.presented as found
    from planned
    cross join insights
    union all
    select
        'presented, treatment_acceptance' as what,
        planned.presented as expected,
        acceptance.presented as found
    from planned
    cross join acceptance
    union all
    select
        'presented, treatment_acceptance_by_provider' as what,
        planned.presented as expected,
        by_provider.presented as found
    from planned
    cross join by_provider
    union all
    select
        'presented, practice_overview_monthly' as what,
        planned.presented as expected,
        overview.presented as found
    from planned
    cross join overview

)

select * from compared
where coalesce(expected, 0) <> coalesce(found, 0)
