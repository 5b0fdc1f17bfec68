{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
-- grain: one row per row of every load of a members file whose path names no day
with staged as (

    select * from {{ ref('stg_claims__members') }}
    where {{ export_moment('_source_file') }} is null

),

final as (

    select * from staged
    {% if is_incremental() -%}
        where _load_id not in (
            select known._load_id from {{ this }} as known
            group by known._load_id
        )
    {%- endif %}

)

select * from final
