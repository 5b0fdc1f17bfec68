with bands as (

    select
        *,
        lead(contacts_per_month_from) over (order by contacts_per_month_from) as next_from,
        min(contacts_per_month_from) over () as lowest
    from {{ ref('contact_frequency_bands') }}

)

select * from bands
where
    contacts_per_month_from >= contacts_per_month_below
    or contacts_per_month_below <> next_from
    or lowest <> 0
