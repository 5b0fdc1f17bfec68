-- grain: one row per entry of an expense table that has a date and an amount
with entries as (

    select * from {{ ref('int_care__entries') }}
    where table_kind = 'expense' and rejection_reason is null

),

{{ known_facts('entries', 'workbooks', {
    '_source_sheet': '_source_sheet', 'table_number': 'table_number', '_source_row': '_source_row'
}) }},

categories as (

    {{ alias_lines('program_category_aliases', ['program_category']) }}

),

named_entries as (

    select
        known_entries.*,
        categories.program_category as known_category,
        coalesce(
            {{ normalize_label('known_entries.category_text') }}, known_entries.category_text
        ) as category_label
    from known_entries
    left join categories
        on {{ normalize_label('known_entries.category_text') }} = categories.label

),

spellings as (

    -- the most usual spelling stands for all that differ in case and punctuation only
    select
        category_label,
        category_text,
        row_number() over (
            partition by category_label order by count(*) desc, category_text asc nulls last
        ) as spelling_rank
    from named_entries
    group by category_label, category_text

),

final as (

    select
        entries._source_file,
        entries._source_sheet,
        entries.table_number,
        entries._source_row,
        entries.participant_id,
        entries.entry_date as expense_date,
        entries.is_date_carried_forward,
        entries.is_year_inferred,
        entries.category_text,
        coalesce(entries.known_category, spellings.category_text) as program_category,
        entries.category_text is not null and entries.known_category is null
            as is_category_unmapped,
        entries.details,
        entries.amount,
        entries.staff_member,
        entries.additional_values,
        row_number() over (
            partition by
                entries.participant_id, entries.entry_date, entries.amount,
                {{ normalize_label('entries.category_text') }},
                {{ normalize_label('entries.details') }},
                {{ normalize_label('entries.staff_member') }}
            order by entries._source_file, entries._source_sheet, entries._source_row
        ) > 1 as is_duplicate,
        entries.source_retired_at
    from named_entries as entries
    left join spellings
        on entries.category_label = spellings.category_label and spellings.spelling_rank = 1

)

select * from final
