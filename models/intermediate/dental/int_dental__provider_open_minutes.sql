-- grain: one row per day and provider: scheduled minutes, overlapping blocks counted once
with blocks as (

    select * from {{ ref('int_dental__provider_blocks') }}

),

followed as (

    select
        *,
        max(to_minute) over (
            partition by provider_id, day
            order by from_minute nulls last, to_minute nulls last, schedule_id nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_to_minute
    from blocks

),

counted_once as (

    select
        provider_id,
        day,
        to_minute,
        case
            when covered_to_minute > from_minute then covered_to_minute
            else from_minute
        end as from_minute
    from followed

),

final as (

    select
        provider_id,
        day,
        cast(sum(
            case when to_minute > from_minute then to_minute - from_minute else 0 end
        ) as bigint) as open_minutes
    from counted_once
    group by provider_id, day

)

select * from final
