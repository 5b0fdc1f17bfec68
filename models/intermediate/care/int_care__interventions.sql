-- grain: one row per entry of a status table that has a date
with entries as (

    select * from {{ ref('int_care__entries') }}
    where table_kind = 'status' and rejection_reason is null

),

{{ known_facts('entries', 'workbooks', {
    '_source_sheet': '_source_sheet', 'table_number': 'table_number', '_source_row': '_source_row'
}) }},

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
