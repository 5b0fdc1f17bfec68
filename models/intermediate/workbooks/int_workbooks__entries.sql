-- grain: one row per entry of a status or expense table, its date carried forward where blank
with classified_rows as (

    select * from {{ ref('int_workbooks__classified_rows') }}

),

dated_rows as (

    select
        *,
        row_kind = 'entry'
        or (row_kind = 'separator' and date_text is not null and not is_month_text)
            as may_carry_date
    from classified_rows

),

runs as (

    select
        *,
        count(case when may_carry_date and date_text is not null then 1 end) over (
            partition by _source_file, _source_sheet, table_kind, first_column
            order by _source_row rows unbounded preceding
        ) as date_run
    from dated_rows

),

carried as (

    select
        *,
        max(case when may_carry_date and date_text is not null then row_date end) over (
            partition by _source_file, _source_sheet, table_kind, first_column, date_run
        ) as carried_date
    from runs

),

final as (

    select
        _source_file,
        _source_sheet,
        table_number,
        _source_row,
        table_kind,
        case when date_text is null then carried_date else row_date end as entry_date,
        date_text is null and carried_date is not null as is_date_carried_forward,
        is_year_inferred,
        date_text,
        participant_text,
        summary,
        case_worker_action,
        location_text,
        growth_text,
        row_growth_level as growth_level,
        is_known_growth_text,
        notes,
        category_text,
        details,
        amount_text,
        row_amount as amount,
        staff_member,
        additional_values,
        case
            when error_count = field_count then 'the row holds nothing but an error'
            when date_text is not null and row_date is null
                then {{ date_order_reason('is_read_by_other_order') }}
            when date_text is null and carried_date is null and date_run > 0
                then 'the date is blank and the one above cannot be read'
            when date_text is null and carried_date is null
                then 'the date is blank and there is none above'
            when table_kind = 'expense' and amount_text is null then 'the amount is missing'
            when table_kind = 'expense' and row_amount is null then 'the amount cannot be read'
            when table_kind = 'expense' and field_count = 1 and not has_merged_date
                then 'only an amount: no date, category or details'
        end as rejection_reason
    from carried
    where row_kind = 'entry'

)

select * from final
