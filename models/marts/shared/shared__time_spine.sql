-- grain: one row per day
with series as (

    {{ dbt.generate_series(18263) }}

),

final as (

    select
        cast(
            {{ add_days("cast('2000-01-01' as date)", 'cast(generated_number - 1 as integer)') }}
            as date
        ) as day
    from series

)

select * from final
