-- grain: one row per sheet row of a status or expense table; a missing year from its neighbours
with row_values as (

    select * from {{ ref('int_workbooks__row_values') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

placed as (

    select
        row_values.*,
        tables.first_column,
        tables.header_row,
        count(row_values.full_date) over (
            partition by
                row_values._source_file, row_values._source_sheet,
                row_values.table_kind, tables.first_column
            order by row_values._source_row rows unbounded preceding
        ) as full_date_run
    from row_values
    inner join tables
        on
            row_values._source_file = tables._source_file
            and row_values._source_sheet = tables._source_sheet
            and row_values.table_number = tables.table_number

),

surrounded as (

    -- the nearest full date above, or for the rows before any, the first one below
    select
        *,
        coalesce(
            max(full_date) over (
                partition by _source_file, _source_sheet, table_kind, first_column, full_date_run
            ),
            max(case when full_date_run = 1 then full_date end) over (
                partition by _source_file, _source_sheet, table_kind, first_column
            )
        ) as near_date
    from placed

),

candidates as (

    select
        *,
    {% for shift in [-1, 0, 1] %}
        case
            when yearless_month is not null and full_date is null
                then
                {{ checked_date(
                    'cast(extract(year from near_date) as integer) + (' ~ shift ~ ')',
                    'yearless_month', 'yearless_day'
                ) }}
        end as candidate_{{ loop.index }}{{ ',' if not loop.last }}
    {% endfor %}
    from surrounded

),

costs as (

    -- a log runs forward: a day back counts as three
    select
        *,
    {% for number in [1, 2, 3] %}
        coalesce(case
            when candidate_{{ number }} >= near_date
                then {{ dbt.datediff('near_date', 'candidate_' ~ number, 'day') }}
            else 3 * {{ dbt.datediff('candidate_' ~ number, 'near_date', 'day') }}
            end, 99999) as cost_{{ number }}{{ ',' if not loop.last }}
    {% endfor %}
    from candidates

),

final as (

    select
        *,
        full_date is null and coalesce(candidate_1, candidate_2, candidate_3) is not null
            as is_year_inferred,
        case
            when full_date is not null then full_date
            when cost_2 <= cost_1 and cost_2 <= cost_3 then candidate_2
            when cost_3 <= cost_1 then candidate_3
            else candidate_1
        end as row_date
    from costs

)

select * from final
