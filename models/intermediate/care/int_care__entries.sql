-- grain: one row per entry of a status or expense table on a tab that is read, with its participant
with entries as (

    select * from {{ ref('int_workbooks__entries') }}

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}

),

sheet_participants as (

    select * from {{ ref('int_care__sheet_participants') }}

),

place_names as (

    select * from {{ ref('int_workbooks__place_names') }}

),

names as (

    select * from {{ ref('int_care__participant_names') }}

),

final as (

    select
        entries.*,
        case
            when entries.participant_text is null then sheet_participants.participant_id
            else coalesce(
                place_names.participant_code,
                names.participant_id,
                upper(place_names.name_label),
                sheet_participants.participant_id
            )
        end as participant_id
    from entries
    inner join sheet_treatments
        on
            entries._source_file = sheet_treatments._source_file
            and entries._source_sheet = sheet_treatments._source_sheet
            and sheet_treatments.treatment = 'read'
    left join sheet_participants
        on
            entries._source_file = sheet_participants._source_file
            and entries._source_sheet = sheet_participants._source_sheet
    left join place_names on entries.participant_text = place_names.place_text
    left join names on place_names.name_label = names.name_label

)

select * from final
