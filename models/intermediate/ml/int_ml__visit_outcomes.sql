-- grain: one row per visit and version of it: its outcome beside what its lead time would predict
with versions as (

    select * from {{ ref('int_ml__visit_versions') }}

),

bands as (

    select * from {{ ref('ml_lead_bands') }}

),

rates as (

    select * from {{ ref('int_ml__clinic_rates') }}

),

final as (

    select
        versions.appointment_id,
        versions.version_number,
        versions.patient_id,
        versions.appointment_date,
        versions.booked_at,
        versions.is_missed,
        versions.is_attended,
        versions.is_canceled,
        {{ dbt.datediff("cast('1900-01-01' as date)", 'versions.appointment_date', 'day') }}
            as day_number,
        versions.lead_days,
        coalesce(rates.no_show_rate, {{ var('ml_prior_no_show_rate') }}) as expected_rate,
        versions.known_from,
        versions.known_until
    from versions
    left join bands
        on
            versions.lead_days >= bands.from_days
            and (versions.lead_days < bands.to_days or bands.to_days is null)
    left join rates
        on
            versions.appointment_date = rates.day
            and bands.lead_band = rates.lead_band

)

select * from final
