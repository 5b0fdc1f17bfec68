-- grain: one row per spelling of a status that no alias knows
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}
    where is_unmapped

),

final as (

    select
        'clinic' as source,
        'status' as field,
        coalesce(status_text, '(blank)') as value_text,
        count(*) as value_count,
        sum(price_estimate_amount) as value_amount,
        min(_source_file) as example_file
    from appointments
    group by coalesce(status_text, '(blank)')

)

select * from final
