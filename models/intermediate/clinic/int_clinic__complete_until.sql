-- grain: one row: the last clinic-local day that is over
with drops as (

    select max(_drop_day) as newest_drop_day
    from {{ ref('int_clinic__appointment_copies') }}
    where is_known

),

open_visits as (

    select count(*) as open_count
    from {{ ref('int_clinic__appointments') }}
    where is_open and appointment_date = {{ clinic_as_of() }}

),

final as (

    select
        case
            when
                drops.newest_drop_day >= {{ clinic_as_of() }}
                and open_visits.open_count = 0
                then {{ clinic_as_of() }}
            else {{ add_days(clinic_as_of(), -1) }}
        end as complete_until
    from drops
    cross join open_visits

)

select * from final
