-- grain: one row per day and operatory: scheduled minutes, overlapping blocks counted once
with blocks as (

    select * from {{ ref('int_dental__operatory_blocks') }}

),

final as (

    {{ minutes_covered('blocks', 'operatory_id') }}

)

select * from final
