-- grain: one row per sheet, with the participant it is about (null: the whole program)
with sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

stated as (

    select * from {{ ref('int_workbooks__stated') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

place_names as (

    select * from {{ ref('int_workbooks__place_names') }}

),

read_sheets as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}
    where treatment = 'read'

),

status_sheets as (

    select
        tables._source_file,
        tables._source_sheet
    from tables
    inner join read_sheets
        on
            tables._source_file = read_sheets._source_file
            and tables._source_sheet = read_sheets._source_sheet
    where tables.table_kind = 'status'
    group by tables._source_file, tables._source_sheet

),

own as (

    select
        sheets._source_file,
        sheets._source_sheet,
        coalesce(stated.stated_id, sheet_names.participant_code) as own_id,
        stated.stated_name,
        sheet_names.name_label as sheet_name_label,
        coalesce(
            {{ normalize_label('stated.stated_name') }}, sheet_names.name_label
        ) as person_label,
        file_names.participant_code as file_code,
        file_names.name_label as file_name_label,
        status_sheets._source_sheet is not null as has_status_table
    from sheets
    left join stated
        on sheets._source_file = stated._source_file and sheets._source_sheet = stated._source_sheet
    left join status_sheets
        on
            sheets._source_file = status_sheets._source_file
            and sheets._source_sheet = status_sheets._source_sheet
    left join place_names as sheet_names on sheets._source_sheet = sheet_names.place_text
    left join place_names as file_names on sheets._source_file = file_names.place_text

),

coded as (

    select
        _source_file,
        person_label
    from own
    where own_id is not null and person_label is not null
    group by _source_file, person_label

),

keyed as (

    -- a name on a status sheet that is neither the file's nor that of a sheet with a code
    select
        own.*,
        case
            when
                own.has_status_table and own.own_id is null and coded.person_label is null
                and not coalesce(
                    ' ' || own.file_name_label || ' ' like '% ' || own.person_label || ' %', false
                )
                then own.person_label
        end as other_person_label
    from own
    left join coded
        on own._source_file = coded._source_file and own.person_label = coded.person_label

),

files as (

    select
        _source_file,
        min(own_id) as only_id,
        min(stated_name) as only_name,
        max(case when has_status_table then 1 else 0 end) = 1 as has_status_table,
        count(distinct own_id) > 1
        or (
            max(file_code) is null
            and count(distinct own_id) + count(distinct other_person_label) > 1
        ) as is_shared
    from keyed
    group by _source_file

),

final as (

    select
        own._source_file,
        own._source_sheet,
        files.is_shared,
        case
            when files.is_shared then own.own_id
            else coalesce(own.own_id, files.only_id, own.file_code)
        end as stated_id,
        case
            when files.is_shared
                then coalesce({{ normalize_label('own.stated_name') }}, own.sheet_name_label)
            else coalesce(
                {{ normalize_label('own.stated_name') }},
                {{ normalize_label('files.only_name') }},
                own.file_name_label,
                case when files.has_status_table then own.sheet_name_label end
            )
        end as name_label,
        coalesce(own.stated_name, case when not files.is_shared then files.only_name end)
            as stated_name,
        files.has_status_table or own.stated_name is not null as may_name_participant
    from own
    inner join files on own._source_file = files._source_file

)

select * from final
