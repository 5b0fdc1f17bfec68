-- grain: one row per row of an availability.csv: whether it counts, and whether it can be true
with availability as (

    select * from {{ ref('stg_clinic__availability') }}

),

known_physios as (

    select physio_id from {{ ref('stg_clinic__physios') }}
    where is_known
    group by physio_id

),

-- A book may come without a file of its physiotherapists.
files as (

    select count(*) > 0 as has_physios from known_physios

),

newest_drops as (

    select
        physio_id,
        availability_date,
        max(coalesce(_drop_day, cast('1900-01-01' as date))) as newest_drop_day
    from availability
    where is_known
    group by physio_id, availability_date

),

replaced_days as (

    select _drop_day as replaced_day
    from availability
    where availability_date = _drop_day and is_known
    group by _drop_day

),

final as (

    select
        availability.*,
        coalesce(
            coalesce(availability._drop_day, cast('1900-01-01' as date))
            < newest_drops.newest_drop_day,
            false
        ) and availability.is_known as is_superseded,
        replaced_days.replaced_day is not null as is_gone,
        case
            when availability.physio_id is null then 'physio_id is missing'
            when known_physios.physio_id is null and files.has_physios
                then 'physio_id is in no physios.csv'
            when availability.available_from is null then 'available_from is not an ISO 8601 time'
            when availability.available_to is null then 'available_to is not an ISO 8601 time'
            when availability.available_to_utc < availability.available_from_utc
                then 'available_to is before available_from'
        end as rejection_reason
    from availability
    cross join files
    left join known_physios on availability.physio_id = known_physios.physio_id
    left join newest_drops
        on
            availability.physio_id = newest_drops.physio_id
            and availability.availability_date = newest_drops.availability_date
    left join replaced_days
        on
            availability.availability_date = replaced_days.replaced_day
            and (
                availability._drop_day is null
                or availability._drop_day < replaced_days.replaced_day
            )

)

select * from final
