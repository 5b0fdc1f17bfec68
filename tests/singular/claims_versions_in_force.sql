-- Fails with each fact whose key is not that of the version in force on its day.
with facts as (

    select * from {{ ref('claims__fact_claims') }}

),

members as (

    select * from {{ ref('claims__dim_members') }}

),

providers as (

    select * from {{ ref('claims__dim_providers') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

)

select
    facts.claim_key,
    'member' as dimension
from facts
inner join source_systems on facts.source_system = source_systems.source_system
left join members
    on
        source_systems.member_system = members.source_system
        and facts.member_id = members.member_id
        and {{ valid_at('facts.claim_at', 'members') }}
where facts.member_key is distinct from members.member_key
union all
select
    facts.claim_key,
    'provider' as dimension
from facts
inner join source_systems on facts.source_system = source_systems.source_system
left join providers
    on
        source_systems.provider_system = providers.source_system
        and facts.provider_id = providers.provider_id
        and {{ valid_at('facts.claim_at', 'providers') }}
where facts.provider_key is distinct from providers.provider_key
