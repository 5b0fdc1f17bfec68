-- grain: one row per name, or first name, that belongs to one participant code alone
with identities as (

    select * from {{ ref('int_workbooks__identities') }}

),

names as (

    select
        stated_id,
        name_label
    from identities
    where stated_id is not null and name_label is not null
    union
    select
        stated_id,
        {{ text_part('name_label', ' ', 1) }} as name_label
    from identities
    where stated_id is not null and name_label is not null

),

final as (

    select
        name_label,
        min(stated_id) as participant_id
    from names
    group by name_label
    having count(*) = 1

)

select * from final
