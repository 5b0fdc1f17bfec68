-- grain: one row per appointment: its newest copy, and whether it is in the book and can be true
with copies as (

    select * from {{ ref('int_clinic__appointment_copies') }}
    where is_known

),

statuses as (

    select * from {{ ref('clinic_appointment_statuses') }}

),

replaced_days as (

    select _drop_day as replaced_day
    from copies
    where cast(starts_at as date) = _drop_day
    group by _drop_day

),

judged as (

    select
        copies.*,
        case
            when replaced_days.replaced_day is not null then 'no longer in the drop of its day'
            when not statuses.is_in_book then 'its status says that it is no booking'
        end as set_aside_reason
    from copies
    inner join statuses on copies.status = statuses.status
    left join replaced_days
        on
            cast(copies.starts_at as date) = replaced_days.replaced_day
            and copies.appointment_id is not null
            and (copies._drop_day is null or copies._drop_day < replaced_days.replaced_day)
    where copies.copy_rank = 1

),

final as (

    select
        *,
        set_aside_reason is not null as is_gone
    from judged

)

select * from final
