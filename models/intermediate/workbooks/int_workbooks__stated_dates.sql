-- grain: one row per assessment table whose day is written above it
with tables as (

    select * from {{ ref('int_workbooks__tables') }}
    where table_kind = 'assessment'

),

information as (

    select * from {{ ref('int_workbooks__information') }}
    where field = 'assessment_date'

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

ranked as (

    select
        tables._source_file,
        tables._source_sheet,
        tables.table_number,
        coalesce({{ iso_date('information.value_text') }}, dates.parsed_date) as stated_date,
        row_number() over (
            partition by tables._source_file, tables._source_sheet, tables.table_number
            order by information._source_row desc, information.column_number asc
        ) as nearness
    from tables
    inner join information
        on
            tables._source_file = information._source_file
            and tables._source_sheet = information._source_sheet
            and tables.header_row > information._source_row
    left join dates on information.value_text = dates.date_text

),

final as (

    select
        _source_file,
        _source_sheet,
        table_number,
        stated_date
    from ranked
    where nearness = 1

)

select * from final
