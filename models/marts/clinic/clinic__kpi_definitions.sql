-- grain: one row per mart and KPI: the formula, filter and grain that its yml states
with final as (

    {{ kpi_definitions() }}

)

select * from final
