-- grain: one row per appointment and state it was in
with versions as (

    select * from {{ ref('int_clinic__appointment_history') }}

),

final as (

    select
        {{ surrogate_key(['appointment_id', 'version_number']) }} as appointment_version_key,
        appointment_id,
        cast(version_number as bigint) as version_number,
        case
            when version_number = 1 then 'first seen ' || status
            when not follows_at_once then 'back in the book, ' || status
            when starts_at <> previous_starts_at and status = previous_status then 'moved'
            when starts_at <> previous_starts_at then 'moved and ' || status
            when status <> previous_status then status
            when physio_id <> previous_physio_id then 'other physiotherapist'
            else 'other length'
        end as change,
        status,
        starts_at,
        ends_at,
        physio_id,
        previous_status,
        previous_starts_at,
        cast(valid_from_date as timestamp) as valid_from,
        cast(coalesce(valid_to_date, cast('9999-12-31' as date)) as timestamp) as valid_to,
        valid_to_date is null as is_current
    from versions

)

select * from final
