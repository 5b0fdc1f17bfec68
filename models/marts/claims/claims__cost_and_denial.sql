-- grain: one row per dimension and its value
with kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where dimension <> 'provider' and payer is null

),

final as (

    select
        kpis.source_system,
        kpis.dimension,
        kpis.dimension_value,
        {{ claims_kpi_columns('kpis') }}
    from kpis

)

select * from final
