-- grain: one row per physiotherapist and local day that an availability.csv speaks of
with stretches as (

    select * from {{ ref('int_clinic__availability_checks') }}
    where rejection_reason is null and not is_superseded and not is_gone

),

followed as (

    select
        *,
        max(available_to_utc) over (
            partition by physio_id, availability_date
            order by available_from_utc nulls last, available_to_utc nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_until_utc
    from stretches

),

counted_once as (

    select
        physio_id,
        availability_date,
        case
            when covered_until_utc > available_from_utc then covered_until_utc
            else available_from_utc
        end as from_utc,
        available_to_utc as to_utc
    from followed

),

final as (

    select
        physio_id,
        availability_date,
        cast(round(sum(
            case when to_utc > from_utc then {{ seconds_between('from_utc', 'to_utc') }} else 0 end
        )) as bigint) as available_seconds
    from counted_once
    group by physio_id, availability_date

)

select * from final
