-- grain: one row per carrier: up to how many days after the service it takes a claim
with carriers as (

    select * from {{ ref('stg_opendental__carriers') }}

),

limits as (

    select * from {{ ref('dental_timely_filing_limits') }}

),

matched as (

    select
        carriers.carrier_id,
        limits.filing_limit_days,
        row_number() over (
            partition by carriers.carrier_id
            order by
                length(limits.carrier_pattern) desc nulls last,
                limits.carrier_pattern asc nulls last
        ) as match_rank
    from carriers
    inner join limits
        on lower(coalesce(carriers.carrier_name, '')) like limits.carrier_pattern

),

final as (

    select
        carrier_id,
        filing_limit_days
    from matched
    where match_rank = 1

)

select * from final
