{#- Findings of a source whose rows are not all accounted for: its accounting that does not balance, raw
    rows that are not exactly once among the outcomes, files without the rows that their load counted.
    `row_tables` are those of raw_<source_name> whose rows have an outcome, `other_tables` those that
    the load counts too. -#}
{% macro rows_lost(source_name, row_tables, other_tables=[], row='_source_row', sheet=none) -%}
    {%- set schema = 'raw_' ~ source_name -%}
    {%- set sheet = sheet or 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
    with accounting as (

        select * from {{ ref('quality__row_accounting') }}
        where source = '{{ source_name }}'

    ),

    row_outcomes as (

        select * from {{ ref('quality__row_outcomes') }}
        where source = '{{ source_name }}'

    ),

    loads as (

        select * from {{ ref('stg_landing__loads') }}
        where is_newest and outcome = 'landed' and source = '{{ source_name }}'

    ),

    raw_rows as (

        {% for table in row_tables %}
            {{ 'union all' if not loop.first }}
            select
                _source_file,
                {{ sheet }} as _source_sheet,
                {{ row }} as _source_row
            from {{ source(schema, table) }}
            group by 1, 2, 3
        {% endfor %}

    ),

    written_rows as (

        {% for table in row_tables + other_tables %}
            {{ 'union all' if not loop.first }}
            select _load_id from {{ source(schema, table) }}
        {% endfor %}

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
            coalesce(raw_rows._source_file, row_outcomes._source_file) as object,
            coalesce(raw_rows._source_sheet, row_outcomes._source_sheet) as _source_sheet,
            coalesce(raw_rows._source_row, row_outcomes._source_row) as _source_row
        from raw_rows
        full outer join row_outcomes
            on
                raw_rows._source_file = row_outcomes._source_file
                and coalesce(raw_rows._source_sheet, '') = coalesce(row_outcomes._source_sheet, '')
                and raw_rows._source_row = row_outcomes._source_row
        where raw_rows._source_file is null or row_outcomes._source_file is null

    ),

    unlanded as (

        select
            'a landed file has not the raw rows its load counted' as finding,
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
{%- endmacro %}
