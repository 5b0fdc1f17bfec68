-- grain: one row per claims, members or providers file ever landed: its moment, series and feed
with members as (

    select
        _source_file,
        _extracted_at
    from {{ ref('stg_claims__members') }}

),

providers as (

    select
        _source_file,
        _extracted_at
    from {{ ref('stg_claims__providers') }}

),

loads as (

    select * from {{ ref('stg_claims__loads') }}

),

-- what a file's rows state is asked only on a named day
told as (

    select
        _source_file,
        min(ingested_at) as first_ingested_at
    from {{ ref('stg_claims__claims') }}
    where {{ 'true' if named_day() else 'false' }}
    group by _source_file

),

files as (

    select
        _source_file,
        min(_extracted_at) as landed_at
    from members
    group by _source_file
    union all
    select
        _source_file,
        min(_extracted_at) as landed_at
    from providers
    group by _source_file
    union all
    select
        _source_file,
        min(finished_at) as landed_at
    from loads
    group by _source_file

),

landed as (

    select
        _source_file,
        min(landed_at) as landed_at
    from files
    group by _source_file

),

named as (

    select
        landed._source_file,
        landed.landed_at,
        told.first_ingested_at,
        {{ export_moment('landed._source_file') }} as dated_at,
        {{ export_feed('landed._source_file') }} as series,
        {{ claims_feed('landed._source_file') }} as feed,
        landed._source_file like '%=%' as is_partitioned
    from landed
    left join told on landed._source_file = told._source_file

),

-- Of a past day a file is there once it was landed, or by the day in its path, or from the first
-- moment that one of its rows states.
final as (

    select
        _source_file,
        dated_at,
        series,
        feed,
        is_partitioned
    from named
    where
        {{ is_known(
            ['coalesce(dated_at, landed_at)', 'first_ingested_at'], landed='landed_at'
        ) }}

)

select * from final
