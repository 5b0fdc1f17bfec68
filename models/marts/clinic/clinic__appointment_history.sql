-- grain: one row per appointment and state it was in
with versions as (

    select * from {{ ref('history_clinic__appointments') }}
    where valid_from < valid_to

),

followed as (

    select
        *,
        row_number() over (partition by appointment_id order by valid_from asc nulls last)
            as version_number,
        lag(status) over (partition by appointment_id order by valid_from asc nulls last)
            as previous_status,
        lag(starts_at) over (partition by appointment_id order by valid_from asc nulls last)
            as previous_starts_at
    from versions

),

final as (

    select
        {{ surrogate_key(['appointment_id', 'version_number']) }} as appointment_version_key,
        appointment_id,
        cast(version_number as bigint) as version_number,
        case
            when version_number = 1 then 'first seen ' || status
            when starts_at <> previous_starts_at and status = previous_status then 'moved'
            when starts_at <> previous_starts_at then 'moved and ' || status
            when status <> previous_status then status
            else 'other'
        end as change,
        status,
        starts_at,
        ends_at,
        physio_id,
        previous_status,
        previous_starts_at,
        valid_from,
        valid_to,
        valid_to = cast('9999-12-31' as timestamp) as is_current
    from followed

)

select * from final
