-- grain: one row per day and provider: scheduled minutes, overlapping blocks counted once
with blocks as (

    select * from {{ ref('int_dental__provider_blocks') }}

),

final as (

    {{ minutes_covered('blocks', 'provider_id') }}

)

select * from final
