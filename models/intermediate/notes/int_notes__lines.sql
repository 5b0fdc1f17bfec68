-- grain: one row per block, with the date, worker and text its first line may open an entry with
with blocks as (

    select * from {{ ref('stg_notes__blocks') }}

),

labels as (

    {{ alias_lines('note_labels', ['role']) }}

),

first_lines as (

    select
        *,
        {{ normalize_label('text') }} as label,
        {{ trimmed(regex_extract('text', '^([^\\n]*)')) }} as first_line,
        {{ tidy_text(regex_extract('text', '^[^\\n]*\\n((?s:.*))$')) }} as further_lines
    from blocks

),

opened as (

    select
        *,
        {{ regex_extract('first_line', note_opening_pattern(), 1) }} as date_label,
        {{ trimmed(regex_extract('first_line', note_opening_pattern(), 2)) }} as date_text,
        {{ regex_extract('first_line', note_opening_pattern(), 3) }} as rest
    from first_lines

),

worked as (

    select
        *,
        date_text is not null
        and (
            date_label is not null
            or rest is null
            or {{ regex_matches('rest', note_entry_rest_pattern()) }}
            or (
                {{ regex_matches('date_text', '^[0-9 ./-]+$') }}
                and not {{ regex_matches('rest', note_prose_rest_pattern()) }}
            )
        ) as has_date,
        coalesce(
            {{ trimmed(regex_extract('rest', note_worker_pattern(), 1)) }},
            {{ trimmed(
                regex_extract('further_lines', '^' ~ note_worker_pattern() ~ '(?:\\n|$)', 1)
            ) }}
        ) as worker_in_rest,
        {{ trimmed(regex_extract('first_line', '^' ~ note_worker_pattern() ~ '$', 1)) }}
            as worker_alone,
        {{ normalize_label(
            regex_extract('first_line', '^[^\\p{L}\\p{M}\\p{N}]*([^:]{1,40}?)[ \\t]*:', 1)
        ) }} as inline_label,
        {{ tidy_text(regex_extract('text', '^[^:]{1,45}:((?s:.*))$', 1)) }} as after_inline_label
    from opened

),

final as (

    select
        worked._source_file,
        worked.block_number,
        worked.block_type,
        worked.style_name,
        worked.table_number,
        worked.row_number,
        worked.column_number,
        worked.parent_table_number,
        worked.text,
        worked.label,
        worked.inline_label,
        labels.role as label_role,
        inline_labels.role as inline_role,
        case when inline_labels.role is not null then worked.after_inline_label end as inline_text,
        case when worked.has_date then worked.date_text end as date_text,
        worked.has_date
        and (
            worked.date_label is not null
            or {{ regex_matches('worked.date_text', '^[0-9/-]+$|[.][0-9]{4}$') }}
        ) as is_surely_date,
        worked.has_date and worked.date_label is not null as has_date_label,
        case when worked.has_date then worked.worker_in_rest end as opening_worker,
        case when not worked.has_date then worked.worker_alone end as worker_alone,
        case when worked.has_date then {{ tidy_text(
            "coalesce(" ~ regex_replace(
                regex_replace('worked.rest', note_worker_pattern() ~ '|' ~ note_time_pattern(), ''),
                '^[ .,:;|/()–—-]+|[ ,:;|/(–—-]+$', ''
            ) ~ ", '') || chr(10) || coalesce(" ~ regex_replace(
                'worked.further_lines', '^' ~ note_worker_pattern() ~ '(\\n|$)', ''
            ) ~ ", '')"
        ) }} end as opening_text,
        worked._load_id,
        worked._extracted_at
    from worked
    left join labels on worked.label = labels.label
    left join labels as inline_labels on worked.inline_label = inline_labels.label

)

select * from final
