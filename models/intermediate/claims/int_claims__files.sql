-- grain: one row per claims, members or providers file ever landed: its moment, series and feed
with members as (

    select _source_file from {{ ref('stg_claims__members') }}

),

providers as (

    select _source_file from {{ ref('stg_claims__providers') }}

),

loads as (

    select * from {{ ref('stg_claims__loads') }}

),

files as (

    select _source_file from members
    group by _source_file
    union
    select _source_file from providers
    group by _source_file
    union
    select _source_file from loads
    group by _source_file

),

final as (

    select
        _source_file,
        {{ export_moment('_source_file') }} as dated_at,
        {{ export_feed('_source_file') }} as series,
        {{ claims_feed('_source_file') }} as feed,
        _source_file like '%=%' as is_partitioned
    from files

)

select * from final
