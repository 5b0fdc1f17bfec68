-- grain: one row per band of contact frequency
with contacts as (

    select * from {{ ref('int_care__participant_contacts') }}
    where growth_per_month is not null and contacts_per_month is not null

),

bands as (

    select * from {{ ref('contact_frequency_bands') }}

),

overall as (

    select
        -- without a spread there is no correlation, and corr() says NaN, which no decimal holds
        case
            when
                min(contacts_per_month) < max(contacts_per_month)
                and min(growth_per_month) < max(growth_per_month)
                then corr(
                    cast(contacts_per_month as {{ type_double() }}),
                    cast(growth_per_month as {{ type_double() }})
                )
        end as correlation,
        count(*) as correlation_participants
    from contacts

),

transformed as (

    -- Fisher's transformation: its error is known from the number of participants alone
    select
        *,
        case
            when correlation_participants > 3 and abs(correlation) < 0.999999
                then ln((1 + correlation) / (1 - correlation)) / 2
        end as fisher_z,
        cast({{ reporting_rule('interval_z') }} as {{ type_double() }})
        / sqrt(greatest(correlation_participants - 3, 1)) as half_width
    from overall

),

final as (

    select
        bands.band_number,
        bands.band_name,
        count(contacts.participant_id) as participants,
        cast(avg(contacts.contacts_per_month) as decimal(8, 2)) as average_contacts_per_month,
        cast(avg(contacts.growth_per_month) as decimal(8, 4)) as average_growth_per_month,
        {{ is_small_sample('count(contacts.participant_id)') }} as is_small_sample,
        cast(max(transformed.correlation) as decimal(6, 4)) as correlation,
        cast(max(
            (exp(2 * (fisher_z - half_width)) - 1) / (exp(2 * (fisher_z - half_width)) + 1)
        ) as decimal(6, 4)) as correlation_low,
        cast(max(
            (exp(2 * (fisher_z + half_width)) - 1) / (exp(2 * (fisher_z + half_width)) + 1)
        ) as decimal(6, 4)) as correlation_high,
        max(transformed.correlation_participants) as correlation_participants
    from bands
    cross join transformed
    left join contacts
        on
            bands.contacts_per_month_from <= contacts.contacts_per_month
            and bands.contacts_per_month_below > contacts.contacts_per_month
    group by bands.band_number, bands.band_name

)

select * from final
