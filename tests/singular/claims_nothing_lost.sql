{{ config(meta={'domains': ['claims', 'quality']}) }}
{%- set is_of_a_day = named_day() -%}
-- Fails with each file of claims whose raw rows, load and accounting differ.
with raw_rows as (

    {% for table in ['claims', 'members', 'providers'] %}
        {{ 'union all' if not loop.first }}
        select
            _source_file,
            _load_id
        from {{ source('raw_claims', table) }}
    {% endfor %}
),

raw_counts as (

    select
        _source_file,
        max(_load_id) as load_id,
        count(*) as row_count
    from raw_rows
    group by _source_file

),

accounting as (

    select * from {{ ref('quality__row_accounting') }}
    where source = 'claims'

),

loads as (

    select * from {{ ref('stg_landing__loads') }}
    where is_newest and outcome = 'landed' and source = 'claims' and row_count > 0

),

final as (

    select
        coalesce(raw_counts._source_file, accounting.object, loads.object) as _source_file,
        raw_counts.row_count as raw_count,
        accounting.read_rows as accounted_count,
        loads.row_count as landed_count
    from raw_counts
    full outer join accounting on raw_counts._source_file = accounting.object
    full outer join loads on coalesce(raw_counts._source_file, accounting.object) = loads.object

)

select * from final
where
    {% if is_of_a_day -%}
        -- Rows told later are not counted on a past day.
        raw_count < accounted_count
    {%- else -%}
        raw_count is distinct from accounted_count
    {%- endif %}
    or (landed_count is not null and landed_count is distinct from raw_count)
