-- grain: one row per month up to the as-of day's in which anything was done, planned or paid
{%- set sums = [
    'gross_production', 'capitation_write_off', 'adjustments', 'write_offs', 'net_production',
    'patient_income', 'unearned_income', 'insurance_income', 'total_income'
] %}
{%- set counts = [
    'completed_procedures', 'visits', 'patients_seen', 'kept_appointments', 'broken_appointments',
    'unmarked_appointments', 'hygiene_visits'
] %}
with money as (

    select
        cast(date_trunc('month', day) as date) as month,
        {% for name in sums %}
            sum({{ name }}) as {{ name }},
        {% endfor %}
        sum(patient_income + insurance_income) as earned_income
    from {{ ref('dental__production_income_daily') }}
    where day <= {{ as_of() }}
    group by cast(date_trunc('month', day) as date)

),

activity as (

    select * from {{ ref('int_dental__month_activity') }}

),

planning as (

    select * from {{ ref('int_dental__month_planning') }}

),

first_visits as (

    select
        cast(date_trunc('month', first_visit_date) as date) as month,
        count(*) as new_patients
    from {{ ref('int_dental__first_visits') }}
    group by cast(date_trunc('month', first_visit_date) as date)

),

active as (

    select * from {{ ref('int_dental__active_patients') }}

),

-- Of the days that are over: on the as-of day what is still to come is not yet kept.
provider_time as (

    select
        cast(date_trunc('month', day) as date) as month,
        sum(open_minutes) as open_minutes,
        sum(kept_minutes) as kept_minutes,
        sum(kept_outside_minutes) as kept_outside_minutes,
        sum(case when open_minutes > 0 then gross_production_amount else 0 end)
            as open_day_production
    from {{ ref('int_dental__provider_days') }}
    where day < {{ as_of() }} and provider_id <> 0
    group by cast(date_trunc('month', day) as date)

),

all_months as (

    select month from money
    union all
    select month from activity
    union all
    select month from planning

),

months as (

    select
        month,
        {{ is_over('month', 'month') }} as is_complete
    from all_months
    group by month

),

beginning as (

    select min(month) as month from money

),

-- Null while the month runs and before there are twelve months.
last_twelve as (

    select
        months.month,
        sum(money.net_production) as net_production_12_months,
        sum(money.total_income) as total_income_12_months,
        sum(money.earned_income) as earned_income_12_months
    from months
    inner join money
        on
            months.month >= money.month
            and cast(months.month - interval '12 months' as date) < money.month
    cross join beginning
    where
        months.is_complete
        and beginning.month <= cast(months.month - interval '11 months' as date)
    group by months.month

),

merged as (

    select
        months.month,
        months.is_complete,
        {% for name in sums %}
            cast(coalesce(money.{{ name }}, 0) as decimal(18, 2)) as {{ name }},
        {% endfor %}
        cast(coalesce(money.earned_income, 0) as decimal(18, 2)) as earned_income,
        cast(last_twelve.net_production_12_months as decimal(18, 2)) as net_production_12_months,
        cast(last_twelve.total_income_12_months as decimal(18, 2)) as total_income_12_months,
        cast(last_twelve.earned_income_12_months as decimal(18, 2)) as earned_income_12_months,
        {% for name in counts %}
            cast(coalesce(activity.{{ name }}, 0) as bigint) as {{ name }},
        {% endfor %}
        cast(coalesce(activity.treatment_production, 0) as decimal(18, 2)) as treatment_production,
        cast(coalesce(activity.hygiene_production, 0) as decimal(18, 2)) as hygiene_production,
        cast(coalesce(first_visits.new_patients, 0) as bigint) as new_patients,
        cast(coalesce(active.active_patients, 0) as bigint) as active_patients,
        {{ is_mature_month('months.month', var('dental_acceptance_horizon_days')) }}
            as is_acceptance_mature,
        {% for name in ['presented', 'accepted', 'same_day', 'case_presented', 'case_accepted'] %}
            cast(coalesce(planning.{{ name }}_amount, 0) as decimal(18, 2)) as {{ name }}_amount,
        {% endfor %}
        {% for name in ['presented', 'accepted', 'case_presented', 'case_accepted'] %}
            cast(coalesce(planning.{{ name }}_patients, 0) as bigint) as {{ name }}_patients,
        {% endfor %}
        cast(coalesce(provider_time.open_minutes, 0) as bigint) as open_minutes,
        cast(coalesce(provider_time.kept_minutes, 0) as bigint) as kept_minutes,
        cast(coalesce(provider_time.kept_outside_minutes, 0) as bigint) as kept_outside_minutes,
        cast(coalesce(provider_time.open_day_production, 0) as decimal(18, 2))
            as open_day_production
    from months
    left join money on months.month = money.month
    left join last_twelve on months.month = last_twelve.month
    left join activity on months.month = activity.month
    left join planning on months.month = planning.month
    left join first_visits on months.month = first_visits.month
    left join active
        on
            months.month >= active.month
            and (active.next_month is null or months.month < active.next_month)
    left join provider_time on months.month = provider_time.month

),

final as (

    select
        *,
        {{ ratio('total_income', 'net_production') }} as collection_rate,
        {{ ratio('earned_income', 'net_production') }} as collection_rate_without_prepayments,
        {{ ratio('total_income_12_months', 'net_production_12_months') }}
            as collection_rate_12_months,
        {{ ratio('earned_income_12_months', 'net_production_12_months') }}
            as collection_rate_12_months_without_prepayments,
        {{ rate_columns(
            'broken_rate', 'broken_appointments', '(broken_appointments + kept_appointments)'
        ) }},
        {{ ratio('hygiene_production', 'gross_production') }} as hygiene_production_share,
        cast({{ per_unit('treatment_production', 'visits') }} as decimal(18, 2))
            as production_per_visit,
        cast({{ per_unit('open_day_production * 60', 'open_minutes') }} as decimal(18, 2))
            as production_per_hour,
        case
            when is_acceptance_mature then {{ ratio('accepted_amount', 'presented_amount') }}
        end as acceptance_rate,
        case
            when is_acceptance_mature
                then {{ ratio(
                    '(accepted_amount - same_day_amount)', '(presented_amount - same_day_amount)'
                ) }}
        end as acceptance_rate_without_same_day,
        case
            when is_acceptance_mature
                then {{ ratio('case_accepted_amount', 'case_presented_amount') }}
        end as case_acceptance_rate,
        {{ rate_columns(
            'patient_acceptance_rate', 'accepted_patients',
            'case when is_acceptance_mature then presented_patients end'
        ) }},
        {{ rate_columns(
            'patient_case_acceptance_rate', 'case_accepted_patients',
            'case when is_acceptance_mature then case_presented_patients end'
        ) }},
        {{ ratio('(kept_minutes - kept_outside_minutes)', 'open_minutes') }} as utilization_rate,
        {{ is_small_sample(
            'least(kept_appointments + broken_appointments, case_presented_patients)'
        ) }} as is_small_sample
    from merged

)

select * from final
