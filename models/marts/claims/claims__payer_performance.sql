-- grain: one row per system, payer, dimension and its value
with kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where payer is not null

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

final as (

    select
        kpis.source_system,
        kpis.payer,
        kpis.dimension,
        case
            when kpis.dimension = 'provider'
                then {{ claims_plain_id('source_systems.provider_system', 'kpis.dimension_value') }}
            else kpis.dimension_value
        end as dimension_value,
        {{ claims_kpi_columns('kpis') }}
    from kpis
    inner join source_systems on kpis.source_system = source_systems.source_system
    where kpis.dimension <> 'payer'

)

select * from final
