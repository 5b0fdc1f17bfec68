-- grain: one row per assessment type
with changes as (

    select * from {{ ref('care__assessment_changes') }}

),

counted as (

    select
        assessment_type,
        max(better_when) as better_when,
        count(*) as participants,
        count(improvement) as compared_participants,
        sum(case when improvement > 0 then 1 else 0 end) as improved_participants,
        sum(case when improvement = 0 then 1 else 0 end) as unchanged_participants,
        sum(case when improvement < 0 then 1 else 0 end) as worsened_participants,
        avg(improvement) as average_improvement
    from changes
    group by assessment_type

),

final as (

    select
        assessment_type,
        better_when,
        cast(participants as bigint) as participants,
        cast(compared_participants as bigint) as compared_participants,
        cast(improved_participants as bigint) as improved_participants,
        cast(unchanged_participants as bigint) as unchanged_participants,
        cast(worsened_participants as bigint) as worsened_participants,
        {{ rate_columns('improved_rate', 'improved_participants', 'compared_participants') }},
        {{ is_small_sample('compared_participants') }} as is_small_sample,
        cast(average_improvement as decimal(10, 2)) as average_improvement
    from counted

)

select * from final
