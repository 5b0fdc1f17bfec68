-- grain: one row per claims, members or providers file ever landed: how it writes dates and amounts
with loads as (

    select * from {{ ref('stg_landing__loads') }}
    where source = 'claims' and outcome = 'landed'

),

feeds as (

    select * from {{ ref('claim_feeds') }}
    where date_order is not null or decimal_mark is not null

),

files as (

    select object as _source_file from loads
    group by object

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
