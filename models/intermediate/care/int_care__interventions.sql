-- grain: one row per entry of a status table that has a date
with entries as (

    select * from {{ ref('int_care__entries') }}
    where table_kind = 'status' and rejection_reason is null

),

superseded_rows as (

    select * from {{ ref('int_care__superseded_rows') }}
    where source_name = 'workbooks'

),

source_files as (

    select * from {{ ref('int_care__source_files') }}
    where source_name = 'workbooks'

),

known_entries as (

    select
        entries.*,
        {{ retired_by_then('source_files.source_retired_at') }} as source_retired_at
    from entries
    inner join source_files on entries._source_file = source_files._source_file
    left join superseded_rows
        on
            entries._source_file = superseded_rows._source_file
            and entries._source_sheet = superseded_rows._source_sheet
            and entries.table_number = superseded_rows.table_number
            and entries._source_row = superseded_rows._source_row
    where
        superseded_rows._source_row is null
        and {{ is_known(['entries.entry_date'], landed='source_files._extracted_at') }}

),

locations as (

    {{ alias_lines('location_aliases', ['location_name']) }}

),

final as (

    select
        entries._source_file,
        entries._source_sheet,
        entries.table_number,
        entries._source_row,
        entries.participant_id,
        entries.entry_date as interaction_date,
        entries.is_date_carried_forward,
        entries.is_year_inferred,
        entries.summary,
        entries.case_worker_action,
        entries.location_text,
        coalesce(locations.location_name, entries.location_text) as location,
        entries.location_text is not null and locations.location_name is null
            as is_location_unmapped,
        entries.growth_text,
        entries.growth_level,
        entries.growth_text is not null
        and entries.growth_level is null
        and not entries.is_known_growth_text as is_growth_unmapped,
        entries.notes,
        entries.additional_values,
        row_number() over (
            partition by
                entries.participant_id, entries.entry_date,
                {{ normalize_label('entries.summary') }},
                {{ normalize_label('entries.case_worker_action') }},
                {{ normalize_label('entries.location_text') }},
                entries.growth_level, {{ normalize_label('entries.notes') }}
            order by entries._source_file, entries._source_sheet, entries._source_row
        ) > 1 as is_duplicate,
        entries.source_retired_at
    from known_entries as entries
    left join locations on {{ normalize_label('entries.location_text') }} = locations.label

)

select * from final
