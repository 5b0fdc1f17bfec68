-- grain: one row per participant id, file and sheet that names it, with what else speaks for it
with sheet_participants as (

    select * from {{ ref('int_care__sheet_participants') }}
    where participant_id is not null

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}
    where treatment = 'read'

),

stated as (

    select * from {{ ref('int_workbooks__stated') }}

),

documents as (

    select * from {{ ref('int_notes__documents') }}
    where participant_id is not null

),

notes as (

    select * from {{ ref('int_notes__entries') }}
    where note_date is not null and text is not null

),

entries as (

    select * from {{ ref('int_care__entries') }}
    where participant_id is not null and rejection_reason is null

),

assessment_scores as (

    select * from {{ ref('int_care__assessment_scores') }}
    where participant_id is not null

),

fact_participants as (

    select participant_id from entries
    union
    select participant_id from assessment_scores
    union
    select documents.participant_id
    from documents
    inner join notes on documents._source_file = notes._source_file

),

named as (

    select
        sheet_participants.participant_id,
        'workbooks' as source,
        sheet_participants._source_file,
        sheet_participants._source_sheet,
        case
            when stated.stated_id is not null then 1
            -- one label alone, such as a column called ID, is no information block
            when
                case when stated.stated_name is null then 0 else 1 end
                + case when stated.age is null then 0 else 1 end
                + case when stated.joining_date is null then 0 else 1 end
                + case when stated.status_text is null then 0 else 1 end
                + case when stated.risk_text is null then 0 else 1 end >= 2 then 1
            else 0
        end as has_information
    from sheet_participants
    inner join sheet_treatments
        on
            sheet_participants._source_file = sheet_treatments._source_file
            and sheet_participants._source_sheet = sheet_treatments._source_sheet
    left join stated
        on
            sheet_participants._source_file = stated._source_file
            and sheet_participants._source_sheet = stated._source_sheet
    union all
    select
        participant_id,
        'notes' as source,
        _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        0 as has_information
    from documents

),

final as (

    -- a workbook and a Word file that name the same person bear each other out
    select
        named.participant_id,
        named.source,
        named._source_file,
        named._source_sheet,
        fact_participants.participant_id is not null
        or max(named.has_information) over (partition by named.participant_id) = 1
        or min(named.source) over (partition by named.participant_id)
        <> max(named.source) over (partition by named.participant_id) as is_borne_out
    from named
    left join fact_participants on named.participant_id = fact_participants.participant_id

)

select * from final
