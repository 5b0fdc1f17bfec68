-- grain: one row per month in which an episode began whose beginning is known
with episodes as (

    select
        *,
        cast(date_trunc('month', first_visit_date) as date) as month
    from {{ ref('clinic__episodes') }}
    where is_start_known

),

counted as (

    select
        month,
        sum(case when is_new_patient then 1 else 0 end) as new_patients,
        count(*) as episodes,
        sum(case when is_over then 1 else 0 end) as closed_episodes,
        sum(case when is_over then visit_count else 0 end) as visits_in_closed_episodes
    from episodes
    group by month

),

final as (

    select
        month,
        {{ period_end('month', 'month') }} <= {{ clinic_complete_until() }} as is_complete,
        closed_episodes = episodes
        and {{ period_end('month', 'month') }} <= {{ clinic_complete_until() }} as is_mature,
        cast(new_patients as bigint) as new_patients,
        cast(episodes as bigint) as episodes,
        cast(closed_episodes as bigint) as closed_episodes,
        cast(visits_in_closed_episodes as bigint) as visits_in_closed_episodes,
        {{ ratio('visits_in_closed_episodes', 'closed_episodes') }} as visits_per_episode,
        {{ is_small_sample('closed_episodes') }} as is_small_sample
    from counted

)

select * from final
