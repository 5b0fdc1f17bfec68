-- grain: one row per workbook with an expense table: its amounts, and those that count nowhere
with classified_rows as (

    select * from {{ ref('int_workbooks__classified_rows') }}
    where table_kind = 'expense'

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}

),

entries as (

    select * from {{ ref('int_care__entries') }}
    where table_kind = 'expense'

),

uncounted_rows as (

    select * from {{ ref('int_care__uncounted_rows') }}
    where source_name = 'workbooks'

),

read_by_file as (

    select
        classified_rows._source_file,
        sum(classified_rows.row_amount) as read_amount,
        sum(
            case
                when
                    sheet_treatments.treatment is distinct from 'read'
                    or classified_rows.row_kind <> 'entry' then classified_rows.row_amount
            end
        ) as set_aside_amount
    from classified_rows
    left join sheet_treatments
        on
            classified_rows._source_file = sheet_treatments._source_file
            and classified_rows._source_sheet = sheet_treatments._source_sheet
    group by classified_rows._source_file

),

left_out_by_file as (

    select
        entries._source_file,
        sum(case when entries.rejection_reason is not null then entries.amount end)
            as rejected_amount,
        sum(
            case when uncounted_rows.reason = 'superseded by a later copy' then entries.amount end
        ) as superseded_amount,
        sum(
            case
                when uncounted_rows.reason = 'not known yet on the as-of day' then entries.amount
            end
        ) as to_come_amount
    from entries
    left join uncounted_rows
        on
            entries._source_file = uncounted_rows._source_file
            and entries._source_sheet = uncounted_rows._source_sheet
            and entries.table_number = uncounted_rows.table_number
            and entries._source_row = uncounted_rows._source_row
    group by entries._source_file

),

final as (

    select
        read_by_file._source_file,
        coalesce(read_by_file.read_amount, 0) as read_amount,
        coalesce(left_out_by_file.rejected_amount, 0) as rejected_amount,
        coalesce(left_out_by_file.superseded_amount, 0) as superseded_amount,
        coalesce(read_by_file.set_aside_amount, 0) + coalesce(left_out_by_file.to_come_amount, 0)
            as set_aside_amount
    from read_by_file
    left join left_out_by_file on read_by_file._source_file = left_out_by_file._source_file

)

select * from final
