-- grain: one row per entry of an expense table that has a date and an amount
with entries as (

    select * from {{ ref('int_care__entries') }}

),

categories as (

    {{ alias_lines('program_category_aliases', ['program_category']) }}

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
        coalesce(categories.program_category, entries.category_text) as program_category,
        entries.category_text is not null and categories.program_category is null
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
        ) > 1 as is_duplicate
    from entries
    left join categories on {{ normalize_label('entries.category_text') }} = categories.label
    where entries.table_kind = 'expense' and entries.rejection_reason is null

)

select * from final
