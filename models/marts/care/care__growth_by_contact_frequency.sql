-- grain: one row per band of contact frequency
with contacts as (

    select * from {{ ref('int_care__participant_contacts') }}
    where growth_change is not null and contacts_per_month is not null

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
                and min(growth_change) < max(growth_change)
                then corr(
                    cast(contacts_per_month as {{ type_double() }}),
                    cast(growth_change as {{ type_double() }})
                )
        end as correlation,
        count(*) as correlation_participants
    from contacts

),

final as (

    select
        bands.band_number,
        bands.band_name,
        count(contacts.participant_id) as participants,
        cast(avg(contacts.contacts_per_month) as decimal(8, 2)) as average_contacts_per_month,
        cast(avg(contacts.growth_change) as decimal(8, 2)) as average_growth_change,
        cast(max(overall.correlation) as decimal(6, 4)) as correlation,
        max(overall.correlation_participants) as correlation_participants
    from bands
    cross join overall
    left join contacts
        on
            bands.contacts_per_month_from <= contacts.contacts_per_month
            and bands.contacts_per_month_below > contacts.contacts_per_month
    group by bands.band_number, bands.band_name

)

select * from final
