-- grain: one row per source, file and sheet
with row_outcomes as (

    select * from {{ ref('quality__row_outcomes') }}

),

sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

blank_rows as (

    select
        sheets._source_file,
        sheets._source_sheet,
        sheets.row_count,
        sheets.row_count - count(row_outcomes._source_row) as blank_count
    from sheets
    left join row_outcomes
        on
            row_outcomes.source = 'workbooks'
            and sheets._source_file = row_outcomes._source_file
            and sheets._source_sheet = row_outcomes._source_sheet
    group by sheets._source_file, sheets._source_sheet, sheets.row_count

),

claims_files as (

    select * from {{ ref('int_claims__file_accounting') }}

),

claim_lines as (

    select * from {{ ref('claims__fact_claim_lines') }}

),

-- Kept is what stands in the mart, not what is left over; members and providers are all kept.
claims_kept as (

    select
        _source_file,
        count(*) as kept_rows
    from claim_lines
    group by _source_file

),

dental_tables as (

    select * from {{ ref('int_dental__row_counts') }}
    where read_rows > 0

),

counted as (

    select
        source,
        object,
        _source_sheet,
        count(*) as held_rows,
        sum(case when outcome = 'kept' then 1 else 0 end) as kept_rows,
        sum(case when outcome = 'rejected' then 1 else 0 end) as rejected_rows,
        sum(
            case
                when outcome = 'set aside' and reason <> 'superseded by a later copy' then 1
                else 0
            end
        ) as set_aside_rows,
        sum(
            case
                when outcome = 'set aside' and reason = 'superseded by a later copy' then 1
                else 0
            end
        ) as superseded_rows
    from row_outcomes
    group by source, object, _source_sheet

),

final as (

    select
        'workbooks' as source,
        blank_rows._source_file as object,
        blank_rows._source_sheet,
        cast(blank_rows.row_count as bigint) as read_rows,
        cast(coalesce(counted.kept_rows, 0) as bigint) as kept_rows,
        cast(coalesce(counted.rejected_rows, 0) as bigint) as rejected_rows,
        cast(coalesce(counted.set_aside_rows, 0) + blank_rows.blank_count as bigint)
            as set_aside_rows,
        cast(coalesce(counted.superseded_rows, 0) as bigint) as superseded_rows
    from blank_rows
    left join counted
        on
            counted.source = 'workbooks'
            and blank_rows._source_file = counted.object
            and blank_rows._source_sheet = counted._source_sheet
    union all
    select
        source,
        object,
        _source_sheet,
        cast(held_rows as bigint) as read_rows,
        cast(kept_rows as bigint) as kept_rows,
        cast(rejected_rows as bigint) as rejected_rows,
        cast(set_aside_rows as bigint) as set_aside_rows,
        cast(superseded_rows as bigint) as superseded_rows
    from counted
    where source <> 'workbooks'
    union all
    select
        'claims' as source,
        claims_files._source_file as object,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        claims_files.read_rows,
        case
            when claims_files.has_amounts then coalesce(claims_kept.kept_rows, 0)
            else claims_files.read_rows - claims_files.rejected_rows
        end as kept_rows,
        claims_files.rejected_rows,
        claims_files.duplicate_rows as set_aside_rows,
        claims_files.superseded_rows
    from claims_files
    left join claims_kept on claims_files._source_file = claims_kept._source_file
    union all
    select
        source,
        object,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        read_rows,
        kept_rows,
        cast(0 as bigint) as rejected_rows,
        set_aside_rows,
        cast(0 as bigint) as superseded_rows
    from dental_tables

)

select * from final
