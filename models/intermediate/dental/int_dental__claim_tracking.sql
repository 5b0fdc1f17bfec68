with tracking as (

    select * from {{ ref('stg_opendental__claim_tracking') }}
    where tracking_type_code = 'StatusHistory' and {{ is_known(['entry_at']) }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by claim_id
            order by entry_at desc nulls last, claim_tracking_id desc
        ) as tracking_rank
    from tracking

),

final as (

    select
        ranked.claim_id,
        ranked.tracking_definition_id,
        definitions.item_name as tracking_name,
        ranked.entry_at as tracked_at
    from ranked
    left join definitions on ranked.tracking_definition_id = definitions.definition_id
    where ranked.tracking_rank = 1

)

select * from final
