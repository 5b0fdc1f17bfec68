-- grain: one row per sheet, with what its information block says of the participant
with information as (

    select * from {{ ref('int_workbooks__information') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

-- a list of contacts has names too, but neither a table of ours nor a participant's id
own_sheets as (

    select
        _source_file,
        _source_sheet
    from tables
    union
    select
        _source_file,
        _source_sheet
    from information
    where field = 'participant_id'

),

place_names as (

    select * from {{ ref('int_workbooks__place_names') }}

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

ranked as (

    select
        information.*,
        row_number() over (
            partition by
                information._source_file, information._source_sheet, information.field,
                case when {{ regex_matches('information.value_text', '[0-9]') }} then 1 else 0 end
            order by information._source_row, information.column_number, information.piece_number
        ) as field_rank
    from information
    inner join own_sheets
        on
            information._source_file = own_sheets._source_file
            and information._source_sheet = own_sheets._source_sheet
    where information.value_text is not null

),

read as (

    select
        ranked._source_file,
        ranked._source_sheet,
        ranked.field,
        ranked.value_text,
        case
            when ranked.field = 'participant_id' then coalesce(
                place_names.participant_code,
                {{ participant_code('ranked.value_text') }},
                case
                    when {{ regex_matches('ranked.value_text', '^[^ ]*[0-9][^ ]*$') }}
                        then {{ regex_replace('upper(ranked.value_text)', '[ _-]', '') }}
                end
            )
        end as stated_id,
        case
            when
                ranked.field = 'participant_name'
                or (
                    ranked.field = 'participant_id'
                    and not {{ regex_matches(
                        regex_replace('ranked.value_text', '[(].*', ''), '[0-9]'
                    ) }}
                )
                then {{ trimmed(regex_replace('ranked.value_text', ' *[(\\[].*$| +- +.*$', '')) }}
        end as stated_name,
        case
            when ranked.value_type in ('date', 'datetime')
                then {{ try_to('left(ranked.value_text, 10)', 'date') }}
            when {{ regex_matches('ranked.value_text', '^[0-9]{5}$') }}
                then {{ serial_date('ranked.value_text', 'sheets.date_epoch') }}
            else dates.parsed_date
        end as stated_date
    from ranked
    inner join sheets
        on
            ranked._source_file = sheets._source_file
            and ranked._source_sheet = sheets._source_sheet
    left join place_names on ranked.value_text = place_names.place_text
    left join dates on ranked.value_text = dates.date_text
    where ranked.field_rank = 1

),

final as (

    select
        _source_file,
        _source_sheet,
        max(stated_id) as stated_id,
        coalesce(
            max(case when field = 'participant_name' then stated_name end),
            max(case when field = 'participant_id' then stated_name end)
        ) as stated_name,
        max(case
            when
                field = 'age'
                then {{ try_to(regex_extract('value_text', '([0-9]{1,3})'), 'integer') }}
        end) as age,
        max(case when field = 'joining_date' then stated_date end) as joining_date,
        max(case when field = 'current_status' then value_text end) as status_text,
        max(case when field = 'risk_level' then value_text end) as risk_text,
        max(case when field = 'assessment_date' then stated_date end) as assessment_date,
        max(case when field = 'assessment_type' then value_text end) as assessment_type_text
    from read
    group by _source_file, _source_sheet

)

select * from final
