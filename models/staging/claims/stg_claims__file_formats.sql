-- grain: one row per claims, members or providers file: how it writes dates and amounts
with feeds as (

    select * from {{ ref('claim_feeds') }}
    where date_order is not null or decimal_mark is not null

),

files as (

    select _source_file from {{ source('raw_claims', 'claims') }}
    group by _source_file
    union
    select _source_file from {{ source('raw_claims', 'members') }}
    group by _source_file
    union
    select _source_file from {{ source('raw_claims', 'providers') }}
    group by _source_file

),

final as (

    select
        files._source_file,
        feeds.date_order,
        feeds.decimal_mark
    from files
    inner join feeds on {{ claims_feed('files._source_file') }} = feeds.feed

)

select * from final
