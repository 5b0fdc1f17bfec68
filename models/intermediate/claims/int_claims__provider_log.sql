{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    on_schema_change='append_new_columns'
) }}
-- grain: one row per row of every load of a providers file whose path names no day
with staged as (

    select * from {{ ref('stg_claims__providers') }}

),

undated_files as (

    select * from {{ ref('int_claims__files') }}
    where dated_at is null

),

final as (

    {{ people_log() }}

)

select * from final
