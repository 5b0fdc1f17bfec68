-- grain: one row per worker with a participant in the program
with participants as (

    select * from {{ ref('care__participants_to_see') }}

),

counted as (

    select
        worker,
        count(*) as participants,
        sum(case when risk_level in ('High', 'Very High') then 1 else 0 end)
            as high_risk_participants,
        sum(case when is_overdue then 1 else 0 end) as overdue_participants,
        max(days_since_seen) as longest_days_since_seen
    from participants
    group by worker

),

final as (

    select
        worker,
        cast(participants as bigint) as participants,
        cast(high_risk_participants as bigint) as high_risk_participants,
        cast(overdue_participants as bigint) as overdue_participants,
        {{ rate_columns('overdue_rate', 'overdue_participants', 'participants') }},
        {{ is_small_sample('participants') }} as is_small_sample,
        cast(longest_days_since_seen as bigint) as longest_days_since_seen
    from counted

)

select * from final
