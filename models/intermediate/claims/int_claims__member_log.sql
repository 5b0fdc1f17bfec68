{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    on_schema_change='append_new_columns'
) }}
-- grain: one row per row of every load of a members file whose path names no day
with staged as (

    select * from {{ ref('stg_claims__members') }}

),

undated_files as (

    select * from {{ ref('int_claims__files') }}
    where dated_at is null

),

final as (

    select staged.* from staged
    inner join undated_files on staged._source_file = undated_files._source_file
    {% if is_incremental() -%}
        where staged._load_id not in (
            select known._load_id from {{ this }} as known
            group by known._load_id
        )
    {%- endif %}

)

select * from final
