-- grain: one row: the newest day the claims know of
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

newest_extract as (

    select * from {{ ref('stg_landing__newest_extract') }}

),

newest_version as (

    select max(cast(ingested_at as date)) as known_day
    from claim_rows

),

final as (

    select
        case
            when newest_version.known_day < newest_extract.as_of_date
                then newest_version.known_day
            else coalesce(newest_extract.as_of_date, newest_version.known_day)
        end as as_of_date
    from newest_extract
    cross join newest_version

)

select * from final
