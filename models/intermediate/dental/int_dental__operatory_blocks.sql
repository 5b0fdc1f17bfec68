-- grain: one row per open block and operatory that it opens
with provider_blocks as (

    select * from {{ ref('int_dental__provider_blocks') }}

),

links as (

    select * from {{ ref('stg_opendental__schedule_operatories') }}
    where operatory_id is not null

),

operatories as (

    select * from {{ ref('stg_opendental__operatories') }}
    where not is_hidden

),

usual_providers as (

    select
        operatory_id,
        dentist_id as provider_id
    from operatories
    union all
    select
        operatory_id,
        hygienist_id as provider_id
    from operatories
    where hygienist_id is distinct from dentist_id

),

linked_blocks as (

    select schedule_id from links
    group by schedule_id

),

linked as (

    select
        schedule_id,
        operatory_id
    from links
    group by schedule_id, operatory_id

),

final as (

    select
        provider_blocks.schedule_id,
        linked.operatory_id,
        provider_blocks.day,
        provider_blocks.from_minute,
        provider_blocks.to_minute
    from provider_blocks
    inner join linked on provider_blocks.schedule_id = linked.schedule_id
    union all
    select
        provider_blocks.schedule_id,
        usual_providers.operatory_id,
        provider_blocks.day,
        provider_blocks.from_minute,
        provider_blocks.to_minute
    from provider_blocks
    inner join usual_providers on provider_blocks.provider_id = usual_providers.provider_id
    left join linked_blocks on provider_blocks.schedule_id = linked_blocks.schedule_id
    where linked_blocks.schedule_id is null

)

select * from final
