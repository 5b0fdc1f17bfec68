-- grain: one row per sheet row of a status or expense table, with what kind of row it is
with dated_rows as (

    select * from {{ ref('int_workbooks__dated_rows') }}

),

placed as (

    select
        *,
        _source_row > 1 + lag(_source_row, 1, header_row) over (
            partition by _source_file, _source_sheet, table_number order by _source_row
        ) as is_after_gap,
        _source_row > coalesce(max(case when row_date is not null then _source_row end) over (
            partition by _source_file, _source_sheet, table_number
        ), 0) as is_below_last_date,
        sum(case when field_count > 1 then row_amount end) over (
            partition by _source_file, _source_sheet, table_number
            order by _source_row rows between unbounded preceding and 1 preceding
        ) as amount_above
    from dated_rows

),

final as (

    select
        *,
        case
            when field_count = 0 and formula_count > 0 then 'formula'
            when field_count = 0 and outside_text_count = 0 then 'numbered only'
            when field_count = 0 and outside_text_count > 0 then 'note'
            when
                field_count = formula_count and formula_count > 0 and date_text is null
                then 'formula'
            when has_total_marker and described_count = 0 then 'total'
            when field_count = error_count then 'entry'
            when has_page_marker and field_count = 1 then 'note'
            when
                field_count = 1 and not has_ditto_date
                and {{ regex_matches('only_text', '^[^\\p{L}\\p{N}]+$') }}
                then 'separator'
            when
                field_count = 1
                and (is_month_text or row_date is not null or only_type in ('date', 'datetime'))
                then 'separator'
            when
                field_count = 1 and amount_text is not null and row_amount = amount_above
                and not has_merged_date
                then 'total'
            when
                field_count = 1 and row_date is null and date_text is not null
                and {{ regex_matches('date_text', '[[:alpha:]]{2}') }} then 'note'
            when
                field_count = 1 and only_type = 'text' and row_amount is null
                and row_growth_level is null
                and not has_ditto_date
                and (
                    (
                        table_kind = 'status'
                        and coalesce(summary, case_worker_action, notes) is null
                    )
                    or widest_span > 2
                    or (is_below_last_date and (has_note_marker or is_after_gap))
                )
                then 'note'
            else 'entry'
        end as row_kind
    from placed

)

select * from final
