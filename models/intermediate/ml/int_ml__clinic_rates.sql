-- grain: one row per day and lead band: how often visits were missed on the days before
with versions as (

    select * from {{ ref('int_ml__visit_versions') }}
    where (is_missed or is_attended) and appointment_date <= {{ clinic_as_of() }}

),

bands as (

    select * from {{ ref('ml_lead_bands') }}

),

-- An outcome counts at the end of its day; one told or taken back by a later drop, on its day.
changes as (

    select
        case
            when known_from > appointment_date then {{ add_days('known_from', -1) }}
            else appointment_date
        end as day,
        lead_days,
        is_missed,
        1 as amount
    from versions
    union all
    select
        case
            when known_until > appointment_date then {{ add_days('known_until', -1) }}
            else appointment_date
        end as day,
        lead_days,
        is_missed,
        -1 as amount
    from versions
    where known_until < cast('9999-12-31' as date)

),

outcomes as (

    select
        changes.day,
        bands.lead_band,
        sum(case when changes.is_missed then changes.amount else 0 end) as missed_count,
        sum(changes.amount) as outcome_count
    from changes
    inner join bands
        on
            changes.lead_days >= bands.from_days
            and (changes.lead_days < bands.to_days or bands.to_days is null)
    group by changes.day, bands.lead_band

),

-- Every day on which something may be asked, so that a window of rows is a window of days.
asked_days as (

    select known_day as day from {{ ref('int_ml__visit_moments') }}
    union
    select day from changes
    union
    select appointment_date from versions

),

daily as (

    select
        asked_days.day,
        bands.lead_band,
        coalesce(outcomes.missed_count, 0) as missed_count,
        coalesce(outcomes.outcome_count, 0) as outcome_count
    from asked_days
    cross join bands
    left join outcomes
        on
            asked_days.day = outcomes.day
            and bands.lead_band = outcomes.lead_band

),

summed as (

    select
        day,
        lead_band,
        sum(missed_count) over (
            partition by lead_band order by day asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as missed_count,
        sum(outcome_count) over (
            partition by lead_band order by day asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as outcome_count,
        sum(missed_count) over (
            partition by lead_band order by day asc nulls last
            rows between 20 preceding and 1 preceding
        ) as recent_missed_count,
        sum(outcome_count) over (
            partition by lead_band order by day asc nulls last
            rows between 20 preceding and 1 preceding
        ) as recent_outcome_count
    from daily

),

final as (

    select
        day,
        lead_band,
        cast(
            cast(missed_count * 1.0 / nullif(outcome_count, 0) as decimal(28, 10)) as decimal(9, 3)
        ) as no_show_rate,
        case
            when recent_outcome_count >= 30
                then cast(recent_missed_count * 1.0 / recent_outcome_count as decimal(9, 3))
        end as recent_no_show_rate
    from summed

)

select * from final
