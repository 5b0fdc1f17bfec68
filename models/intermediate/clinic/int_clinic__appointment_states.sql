-- grain: one row per appointment and drop that shows it, and until when it stood so
with copies as (

    select * from {{ ref('int_clinic__appointment_copies') }}
    where is_known and appointment_id is not null

),

statuses as (

    select * from {{ ref('clinic_appointment_statuses') }}

),

-- The newest day that the bulk itself knows of; what it says was so by then.
bulk as (

    select max(known_day) as bulk_day
    from (
        select cast(booked_at as date) as known_day from copies
        where _drop_day is null
        union all
        select cast(starts_at as date) as known_day from copies
        where _drop_day is null and status in ('completed', 'no_show')
    ) as known_days
    where known_day <= {{ clinic_as_of() }}

),

first_drops as (

    select min(_drop_day) as first_drop_day from copies

),

replaced_days as (

    select _drop_day as replaced_day
    from copies
    where cast(starts_at as date) = _drop_day
    group by _drop_day

),

-- Within a drop the later row counts.
shown as (

    select
        copies.appointment_id,
        copies.status,
        copies.physio_id,
        copies.starts_at,
        copies.ends_at,
        copies.starts_at_utc,
        copies.rejection_reason is null and statuses.is_in_book as is_in_book,
        coalesce(
            copies._drop_day,
            least(bulk.bulk_day, {{ add_days('first_drops.first_drop_day', -1) }}),
            bulk.bulk_day,
            cast(copies._extracted_at as date)
        ) as shown_day,
        copies._source_file,
        copies._source_row,
        row_number() over (
            partition by copies.appointment_id, copies._drop_day
            order by copies._source_row desc nulls last
        ) as row_rank
    from copies
    inner join statuses on copies.status = statuses.status
    cross join bulk
    cross join first_drops

),

followed as (

    select
        *,
        lead(shown_day) over (partition by appointment_id order by shown_day asc nulls last)
            as next_shown_day
    from shown
    where row_rank = 1

),

-- A drop replaces its day: what stood on it and is not listed left the book with that drop.
final as (

    select
        followed.*,
        case
            when
                replaced_days.replaced_day > followed.shown_day
                and (
                    followed.next_shown_day is null
                    or replaced_days.replaced_day < followed.next_shown_day
                )
                then replaced_days.replaced_day
            else followed.next_shown_day
        end as until_day
    from followed
    left join replaced_days on cast(followed.starts_at as date) = replaced_days.replaced_day

)

select * from final
