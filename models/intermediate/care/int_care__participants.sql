-- grain: one row per participant whom more than a file's or tab's name speaks for, as stated now
with sheet_participants as (

    select * from {{ ref('int_care__sheet_participants') }}

),

stated as (

    select * from {{ ref('int_workbooks__stated') }}

),

sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}

),

documents as (

    select * from {{ ref('int_notes__documents') }}

),

source_files as (

    select * from {{ ref('int_care__source_files') }}

),

newest_extract as (

    select * from {{ ref('stg_landing__newest_extract') }}

),

evidence as (

    select * from {{ ref('int_care__participant_evidence') }}
    where is_borne_out

),

entries as (

    select * from {{ ref('int_care__entries') }}
    where
        participant_text is not null and participant_id is not null and rejection_reason is null

),

statements as (

    select
        'workbooks' as source_name,
        sheet_participants.participant_id,
        coalesce(sheet_participants.stated_name, sheet_participants.name_label) as participant_name,
        stated.age,
        stated.joining_date,
        stated.status_text,
        stated.risk_text,
        case when stated.age is null then 0 else 1 end
        + case when stated.joining_date is null then 0 else 1 end
        + case when stated.status_text is null then 0 else 1 end
        + case when stated.risk_text is null then 0 else 1 end
        + case when sheet_participants.stated_name is null then 0 else 1 end as stated_count,
        sheets._source_file,
        sheets._source_sheet,
        sheets._extracted_at
    from sheet_participants
    inner join sheets
        on
            sheet_participants._source_file = sheets._source_file
            and sheet_participants._source_sheet = sheets._source_sheet
    inner join sheet_treatments
        on
            sheet_participants._source_file = sheet_treatments._source_file
            and sheet_participants._source_sheet = sheet_treatments._source_sheet
            and sheet_treatments.treatment = 'read'
    left join stated
        on
            sheet_participants._source_file = stated._source_file
            and sheet_participants._source_sheet = stated._source_sheet
    where sheet_participants.participant_id is not null
    union all
    select
        'notes' as source_name,
        participant_id,
        participant_name,
        null as age,
        null as joining_date,
        null as status_text,
        null as risk_text,
        -1 as stated_count,
        _source_file,
        '' as _source_sheet,
        _extracted_at
    from documents
    where participant_id is not null
    union all
    -- a log of several participants may name one who has no tab
    select
        'workbooks' as source_name,
        entries.participant_id,
        min(case
            when
                {{ regex_matches('entries.participant_text', '^[^0-9]*\\p{L}{2}[^0-9]*$') }}
                then entries.participant_text
        end) as participant_name,
        null as age,
        null as joining_date,
        null as status_text,
        null as risk_text,
        -2 as stated_count,
        entries._source_file,
        entries._source_sheet,
        min(sheets._extracted_at) as _extracted_at
    from entries
    inner join sheets
        on
            entries._source_file = sheets._source_file
            and entries._source_sheet = sheets._source_sheet
    group by entries.participant_id, entries._source_file, entries._source_sheet

),

ranked as (

    -- what a file that is gone says counts where no other file says it
    select
        statements.*,
        source_files.source_retired_at,
        row_number() over (
            partition by statements.participant_id
            order by
                case when source_files.source_retired_at is null then 0 else 1 end asc,
                statements.stated_count desc, statements._extracted_at desc,
                statements._source_file asc, statements._source_sheet asc
        ) as statement_rank
    from statements
    inner join source_files
        on
            statements.source_name = source_files.source_name
            and statements._source_file = source_files._source_file
    -- who is named in a log (-2) has a fact
    where
        statements.stated_count = -2
        or statements.participant_id in (select evidence.participant_id from evidence)

),

chosen as (

    -- each attribute from the fullest statement that has it
    select
        {% for attribute in [
            'participant_name', 'age', 'joining_date', 'status_text', 'risk_text'
        ] %}
            row_number() over (
                partition by participant_id
                order by case when {{ attribute }} is null then 1 else 0 end, statement_rank
            ) as {{ attribute }}_rank,
        {% endfor %}
        *
    from ranked

),

final as (

    select
        participant_id,
        max(case when participant_name_rank = 1 then participant_name end) as participant_name,
        max(case when age_rank = 1 then age end) as age,
        max(case when joining_date_rank = 1 then joining_date end) as joining_date,
        max(case when status_text_rank = 1 then status_text end) as status_text,
        max(case when risk_text_rank = 1 then risk_text end) as risk_text,
        max(case when statement_rank = 1 then _source_file end) as _source_file,
        case
            when max(case when source_retired_at is null then 1 else 0 end) = 0
                then max(source_retired_at)
        end as source_retired_at,
        -- not the statement's own: with a file gone, what is left may be older than the last state
        max(newest_extract.extracted_at) as _extracted_at
    from chosen
    cross join newest_extract
    group by participant_id

)

select * from final
