-- Fails with each fact whose key is not that of the version in force on its day.
with facts as (

    select * from {{ ref('claims__fact_claims') }}

),

members as (

    select * from {{ ref('claims__dim_members') }}

),

providers as (

    select * from {{ ref('claims__dim_providers') }}

)

select
    facts.claim_key,
    'member' as dimension
from facts
left join members
    on facts.member_id = members.member_id and {{ valid_at('facts.claim_at', 'members') }}
where facts.member_key is distinct from members.member_key
union all
select
    facts.claim_key,
    'provider' as dimension
from facts
left join providers
    on facts.provider_id = providers.provider_id and {{ valid_at('facts.claim_at', 'providers') }}
where facts.provider_key is distinct from providers.provider_key
