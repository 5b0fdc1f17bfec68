{{ config(materialized='view') }}
-- grain: one row per row of a claims, members or providers file: what became of it
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}

),

members as (

    select * from {{ ref('stg_claims__members') }}

),

providers as (

    select * from {{ ref('stg_claims__providers') }}

),

judged as (

    select
        'claim' as kind,
        _source_file,
        _source_row,
        _load_id,
        rejection_reason
    from claim_rows
    union all
    select
        'member' as kind,
        _source_file,
        _source_row,
        _load_id,
        case
            when member_id is null then 'member_id is missing'
            when is_age_too_large then 'age is too large to be one'
        end as rejection_reason
    from members
    union all
    select
        'provider' as kind,
        _source_file,
        _source_row,
        _load_id,
        case when provider_id is null then 'provider_id is missing' end as rejection_reason
    from providers

),

final as (

    select
        kind,
        _source_file,
        _source_row,
        case when rejection_reason is null then 'kept' else 'rejected' end as outcome,
        coalesce(rejection_reason, kind) as reason,
        _load_id
    from judged

)

select * from final
