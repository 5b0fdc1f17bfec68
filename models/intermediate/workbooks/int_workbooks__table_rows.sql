-- grain: one row per sheet row of a status or expense table that holds anything
with cells as (

    select
        *,
        case when value_type <> 'error' then value_text end as readable_text
    from {{ ref('int_workbooks__table_cells') }}
    where table_kind in ('status', 'expense')

),

markers as (

    select
        marker,
        {{ column_pattern('label_pattern') }} as label_pattern
    from {{ ref('workbook_row_markers') }}
    group by marker, label_pattern

),

-- each label is compared with the patterns once, however many cells hold it
labels as (

    select label from cells
    where value_type = 'text' and length(label) <= 60
    group by label

),

marked_labels as (

    select
        labels.label,
        max(case when markers.marker = 'total' then 1 else 0 end) as has_total_marker,
        max(case when markers.marker = 'note' then 1 else 0 end) as has_note_marker,
        max(case when markers.marker = 'page' then 1 else 0 end) as has_page_marker
    from labels
    inner join markers
        on {{ regex_matches_column('labels.label', 'markers.label_pattern') }}
    group by labels.label

),

marked as (

    select
        cells._source_file,
        cells._source_sheet,
        cells.table_number,
        cells._source_row,
        max(marked_labels.has_total_marker) as has_total_marker,
        max(marked_labels.has_note_marker) as has_note_marker,
        max(marked_labels.has_page_marker) as has_page_marker,
        max(case when marked_labels.has_total_marker = 1 then cells.column_number end)
            as marker_column
    from cells
    inner join marked_labels
        on cells.value_type = 'text' and cells.label = marked_labels.label
    group by
        cells._source_file, cells._source_sheet, cells.table_number, cells._source_row

),

final as (

    select
        cells._source_file,
        cells._source_sheet,
        cells.table_number,
        cells._source_row,
        cells.table_kind,
        coalesce(max(marked.has_total_marker), 0) = 1 as has_total_marker,
        coalesce(max(marked.has_note_marker), 0) = 1 as has_note_marker,
        coalesce(max(marked.has_page_marker), 0) = 1 as has_page_marker,
        {{ field_value('date', 'case when not cells.is_repeated then cells.value_text end') }}
            as date_text,
        {{ field_value('date', 'case when not cells.is_repeated then cells.value_type end') }}
            as date_type,
        {{ field_value('date', 'cells.header_text') }} as date_header,
        coalesce({{ field_value('date', 'cast(cells.is_ditto as integer)') }}, 0)
        = 1 as has_ditto_date,
        coalesce({{ field_value('date', 'cast(cells.is_repeated as integer)') }}, 0) = 1
            as has_merged_date,
        {{ field_value('participant', 'cells.readable_text') }} as participant_text,
        {{ field_value('summary', 'cells.readable_text') }} as summary,
        {{ field_value('case_worker_action', 'cells.readable_text') }} as case_worker_action,
        {{ field_value('location', 'cells.readable_text') }} as location_text,
        {{ field_value('growth_level', 'cells.readable_text') }} as growth_text,
        {{ field_value('growth_level', 'cells.value_type') }} as growth_type,
        {{ field_value('notes', 'cells.readable_text') }} as notes,
        {{ field_value('program_category', 'cells.readable_text') }} as category_text,
        {{ field_value('details', 'cells.readable_text') }} as details,
        {{ field_value('amount') }} as amount_text,
        {{ field_value('amount', 'cells.value_type') }} as amount_type,
        {{ field_value('staff_member', 'cells.readable_text') }} as staff_member,
        {{ field_value('date', 'cells.column_number') }} as date_column,
        {{ dbt.listagg(
            "case when cells.field is null and cells.header_text is not null"
            ~ " then cells.header_text || ': ' || cells.value_text end",
            "'; '", "order by cells.column_number"
        ) }} as additional_values,
        sum(case
            when
                cells.field is not null and cells.value_text is not null and not cells.is_repeated
                then 1
            else 0
        end)
            as field_count,
        sum(case
            when
                cells.field is not null and cells.value_text is not null and not cells.is_formula
                and not cells.is_repeated
                and cells.column_number <> coalesce(marked.marker_column, 0)
                and cells.field not in ('amount', 'growth_level') then 1
            else 0
        end) as described_count,
        sum(case when cells.is_formula then 1 else 0 end) as formula_count,
        sum(case
            when cells.field is not null and cells.value_type = 'error' and not cells.is_repeated
                then 1
            else 0
        end) as error_count,
        sum(case when cells.field is null and cells.value_type = 'text' then 1 else 0 end)
            as outside_text_count,
        max(cells.last_column_number - cells.column_number) + 1 as widest_span,
        max(case when cells.field is not null and not cells.is_repeated then cells.value_text end)
            as only_text,
        max(case when cells.field is not null and not cells.is_repeated then cells.value_type end)
            as only_type
    from cells
    left join marked
        on
            cells._source_file = marked._source_file
            and cells._source_sheet = marked._source_sheet
            and cells.table_number = marked.table_number
            and cells._source_row = marked._source_row
    group by
        cells._source_file, cells._source_sheet, cells.table_number, cells._source_row,
        cells.table_kind

)

select * from final
