with raw_rows as (

    select * from {{ source('raw_clinic', 'appointments') }}

),

formats as (

    select * from {{ ref('clinic_file_formats') }}

),

timed as (

    select
        raw_rows.*,
        formats.decimal_mark,
        {{ clinic_moment('raw_rows.appt_start') }} as start_text,
        {{ clinic_moment('raw_rows.appt_end') }} as appt_end_text,
        {{ clinic_moment('raw_rows.booked_at') }} as booked_at_text,
        {{ clinic_moment('raw_rows.canceled_at') }} as canceled_at_text
    from raw_rows
    left join formats on formats.table_name = 'appointments'

),

-- A file whose every visit begins at midnight and has no end knows its days only.
source as (

    select
        *,
        case
            when
                min(case when {{ is_at_midnight('start_text') }} then 1 else 0 end)
                    over (partition by _source_file)
                = 1
                and max(appt_end_text) over (partition by _source_file) is null
                then left(start_text, 10)
            else start_text
        end as appt_start_text,
        max({{ book_id('physio_id') }}) over (partition by _source_file) is not null as has_physios
    from timed

),

renamed as (

    select
        {{ book_id('appointment_id') }} as appointment_id,
        {{ book_id('patient_id') }} as patient_id,
        case when has_physios then {{ book_id('physio_id') }} else '0' end as physio_id,
        {{ visit_status('status', 'no_show', 'attended') }} as status_text,
        {{ normalize_label(visit_status('status', 'no_show', 'attended')) }} as status_label,
        {{ money('price_estimate', "coalesce(decimal_mark, '.')") }} as price_estimate_amount,
        {{ tidy_text('price_estimate') }} is not null as has_price_text,
        booked_at_text is not null as has_booked_text,
        appt_end_text is not null as has_end_text,
        max(appt_end_text) over (partition by _source_file) is not null as file_has_ends,
        coalesce({{ is_day_only('appt_start_text') }}, false) as is_day_only,
        {{ to_local('appt_start_text') }} as starts_at,
        {{ to_local('appt_end_text') }} as ends_at,
        {{ to_local('booked_at_text') }} as booked_at,
        {{ to_utc('appt_start_text') }} as starts_at_utc,
        {{ to_utc('appt_end_text') }} as ends_at_utc,
        {{ to_utc('booked_at_text') }} as booked_at_utc,
        {{ to_local('canceled_at_text') }} as canceled_at,
        {{ to_utc('canceled_at_text') }} as canceled_at_utc,
        _source_file,
        _source_row,
        _drop_day,
        _load_id,
        _extracted_at
    from source

),

known as (

    select
        *,
        {{ clinic_is_known('_drop_day', 'booked_at') }} as is_known
    from renamed

),

final as (

    select
        *,
        {{ copy_rank('appointment_id') }} as copy_rank
    from known

)

select * from final
