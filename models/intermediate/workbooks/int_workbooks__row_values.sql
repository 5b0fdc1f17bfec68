-- grain: one row per sheet row of a status or expense table, its date, amount and growth read
with table_rows as (

    select * from {{ ref('int_workbooks__table_rows') }}

),

sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

amounts as (

    select * from {{ ref('int_workbooks__text_amounts') }}

),

growth_levels as (

    select * from {{ ref('int_workbooks__text_growth_levels') }}

),

final as (

    select
        table_rows.*,
        case
            when table_rows.date_type in ('date', 'datetime')
                then {{ try_to('left(table_rows.date_text, 10)', 'date') }}
            when {{ regex_matches('table_rows.date_text', "^[0-9]{5}([.][0-9]+)?$") }}
                then {{ serial_date('table_rows.date_text', 'sheets.date_epoch') }}
            when
                {{ regex_matches("lower(table_rows.date_header)", 'mm? ?[/.-] ?dd?') }}
                then dates.month_first_date
            else dates.parsed_date
        end as full_date,
        dates.yearless_month,
        dates.yearless_day,
        coalesce(dates.is_read_by_other_order, false) as is_read_by_other_order,
        case
            when table_rows.amount_type = 'number'
                then {{ try_to(
                    'round(' ~ try_to('table_rows.amount_text', 'decimal(28, 10)') ~ ', 2)',
                    'decimal(12, 2)'
                ) }}
            else amounts.parsed_amount
        end as row_amount,
        case
            when table_rows.growth_type <> 'number' then growth_levels.parsed_level
            when
                {{ try_to('table_rows.growth_text', 'decimal(5, 2)') }}
                between 0 and {{ var('highest_growth_level') }}
                then {{ try_to('table_rows.growth_text', 'decimal(5, 2)') }}
        end as row_growth_level,
        coalesce(growth_levels.is_known_text, false) as is_known_growth_text,
        {{ regex_matches(
            normalize_label('table_rows.only_text'),
            '^(for |month( of)? )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}'
            ~ '( (19|20)?[0-9]{2})?$|^(month )?(0?[1-9]|1[0-2]) (19|20)[0-9]{2}$|^(19|20)[0-9]{2}'
            ~ '( (0?[1-9]|1[0-2]))?$|^(week|quarter|q) ?[0-9]{1,2}( .{0,12})?$'
        ) }} as is_month_text
    from table_rows
    inner join sheets
        on
            table_rows._source_file = sheets._source_file
            and table_rows._source_sheet = sheets._source_sheet
    left join dates on table_rows.date_text = dates.date_text
    left join amounts on table_rows.amount_text = amounts.amount_text
    left join growth_levels on table_rows.growth_text = growth_levels.growth_text

)

select * from final
