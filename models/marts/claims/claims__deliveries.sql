-- grain: one row per export of members or providers, and series of exports
with deliveries as (

    select * from {{ ref('int_claims__deliveries') }}

),

final as (

    select
        entity,
        source_system,
        feed,
        series,
        exported_at,
        cast(export_number as integer) as export_number,
        cast(listed_count as bigint) as listed_count,
        cast(before_count as bigint) as before_count,
        cast(lacking_count as bigint) as lacking_count,
        is_part,
        case
            when delivery is not null then 'declared in claim_feeds'
            when is_part then 'lacks more than a fifth of those before it'
            else 'lists at least four fifths of those before it'
        end as decided_by
    from deliveries

)

select * from final
