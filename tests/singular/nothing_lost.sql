{%- set clinic_tables = ['appointments', 'patients', 'payments', 'physios', 'availability'] -%}
with accounting as (

    select * from {{ ref('quality__row_accounting') }}

),

row_outcomes as (

    select * from {{ ref('quality__row_outcomes') }}

),

-- claims_nothing_lost counts the rows of claims
loads as (

    select * from {{ ref('stg_landing__loads') }}
    where
        is_newest and outcome = 'landed'
        -- a mirror's load counts what changed: `carehouse land opendental --verify` proves it
        and source not in ('claims', 'opendental')

),

cells as (

    select * from {{ source('raw_workbooks', 'cells') }}

),

sheets as (

    select * from {{ source('raw_workbooks', 'sheets') }}

),

blocks as (

    select * from {{ source('raw_notes', 'blocks') }}

),

raw_rows as (

    select
        'workbooks' as source,
        _source_file,
        _source_sheet,
        _source_row
    from cells
    group by _source_file, _source_sheet, _source_row
    union all
    select
        'notes' as source,
        _source_file,
        null as _source_sheet,
        block_number as _source_row
    from blocks
    {%- for table in clinic_tables %}
        union all
        select
            'clinic' as source,
            _source_file,
            null as _source_sheet,
            _source_row
        from {{ source('raw_clinic', table) }}
    {%- endfor %}

),

written_rows as (

    select _load_id from cells
    union all
    select _load_id from sheets
    union all
    select _load_id from blocks
    {%- for table in clinic_tables %}
        union all
        select _load_id from {{ source('raw_clinic', table) }}
    {%- endfor %}

),

written_counts as (

    select
        _load_id,
        count(*) as row_count
    from written_rows
    group by _load_id

),

unbalanced as (

    select
        'read is not kept + rejected + set aside + superseded' as finding,
        source,
        object,
        _source_sheet,
        cast(null as integer) as _source_row
    from accounting
    where
        read_rows <> kept_rows + rejected_rows + set_aside_rows + superseded_rows
        or kept_rows < 0 or rejected_rows < 0 or set_aside_rows < 0
        or superseded_rows < 0

),

unaccounted as (

    select
        'a raw row is not exactly once among the outcomes' as finding,
        coalesce(raw_rows.source, row_outcomes.source) as source,
        coalesce(raw_rows._source_file, row_outcomes._source_file) as object,
        coalesce(raw_rows._source_sheet, row_outcomes._source_sheet) as _source_sheet,
        coalesce(raw_rows._source_row, row_outcomes._source_row) as _source_row
    from raw_rows
    full outer join row_outcomes
        on
            raw_rows.source = row_outcomes.source
            and raw_rows._source_file = row_outcomes._source_file
            and coalesce(raw_rows._source_sheet, '') = coalesce(row_outcomes._source_sheet, '')
            and raw_rows._source_row = row_outcomes._source_row
    where raw_rows.source is null or row_outcomes.source is null

),

unlanded as (

    select
        'a landed file has not the raw rows its load counted' as finding,
        loads.source,
        loads.object,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        cast(null as integer) as _source_row
    from loads
    left join written_counts on loads.load_id = written_counts._load_id
    where loads.row_count <> coalesce(written_counts.row_count, 0)

)

select * from unbalanced
union all
select * from unaccounted
union all
select * from unlanded
