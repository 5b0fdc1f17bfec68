-- grain: one row per sheet, with its participant's id: the code, else the name
with identities as (

    select * from {{ ref('int_workbooks__identities') }}

),

names as (

    select * from {{ ref('int_care__participant_names') }}

),

final as (

    select
        identities._source_file,
        identities._source_sheet,
        identities.stated_name,
        identities.name_label,
        coalesce(
            identities.stated_id,
            names.participant_id,
            case when identities.may_name_participant then upper(identities.name_label) end
        ) as participant_id
    from identities
    left join names on identities.name_label = names.name_label

)

select * from final
