-- grain: one row per month of 1950 to 2099
with series as (

    {{ dbt.generate_series(1800) }}

),

numbered as (

    select
        cast(1950 + floor((generated_number - 1) / 12) as integer) as year_number,
        cast(mod(generated_number - 1, 12) + 1 as integer) as month_number
    from series

),

months as (

    select
        cast(
            cast(year_number as {{ dbt.type_string() }}) || '-'
            || lpad(cast(month_number as {{ dbt.type_string() }}), 2, '0') || '-01' as date
        ) as month_start
    from numbered

),

final as (

    select
        month_start,
        lead(month_start) over (order by month_start) as next_month_start
    from months

)

select * from final
where next_month_start is not null
