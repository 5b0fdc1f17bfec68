-- grain: one row per visit and drop that showed it: what then stood in the book, and on which days
with visits as (

    select appointment_id from {{ ref('int_clinic__appointments') }}

),

statuses as (

    select * from {{ ref('clinic_appointment_statuses') }}

),

-- Within a drop the later row counts; the bulk is older than every drop.
copies as (

    select
        *,
        row_number() over (
            partition by appointment_id, _drop_day order by _source_row desc nulls last
        ) as row_rank
    from {{ ref('int_clinic__appointment_copies') }}
    where is_known and rejection_reason is null

),

-- A drop is known the day after it, a booking that the drop of its own day shows at once.
dated as (

    select
        copies.*,
        statuses.is_attended,
        statuses.is_missed,
        statuses.is_canceled,
        row_number() over (
            partition by copies.appointment_id order by copies._drop_day asc nulls first
        ) as version_number,
        case
            when copies._drop_day is null then cast('1900-01-01' as date)
            else {{ add_days('copies._drop_day', 1) }}
        end as told_from
    from copies
    inner join visits on copies.appointment_id = visits.appointment_id
    inner join statuses on copies.status = statuses.status
    where copies.row_rank = 1

),

final as (

    select
        appointment_id,
        version_number,
        patient_id,
        physio_id,
        cast(starts_at as date) as appointment_date,
        starts_at,
        booked_at,
        is_attended,
        is_missed,
        is_canceled,
        price_estimate_amount,
        case
            when not is_day_only
                then cast(
                    round({{ seconds_between('starts_at_utc', 'ends_at_utc') }}) as bigint
                )
        end as duration_seconds,
        {{ dbt.datediff('booked_at', 'starts_at', 'day') }} as lead_days,
        case
            when version_number = 1 and _drop_day <= cast(booked_at as date)
                then cast(booked_at as date)
            else told_from
        end as known_from,
        lead(told_from, 1, cast('9999-12-31' as date)) over (
            partition by appointment_id order by version_number asc nulls last
        ) as known_until
    from dated

)

select * from final
