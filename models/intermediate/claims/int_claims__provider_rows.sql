-- grain: one row per row of a providers file, in each export that had it
with staged as (

    select * from {{ ref('stg_claims__providers') }}

),

provider_log as (

    select * from {{ ref('int_claims__provider_log') }}

),

files as (

    select * from {{ ref('int_claims__files') }}

),

said as (

    select
        staged.provider_id,
        staged.provider_name,
        staged.specialty,
        staged.city,
        staged.changed_at,
        staged._source_file,
        staged._source_row,
        staged._load_id,
        files.dated_at as exported_at,
        files.series,
        files.feed
    from staged
    inner join files on staged._source_file = files._source_file
    where
        files.dated_at is not null
        and {{ is_known(['files.dated_at'], landed='staged._extracted_at') }}
    union all
    select
        provider_log.provider_id,
        provider_log.provider_name,
        provider_log.specialty,
        provider_log.city,
        provider_log.changed_at,
        provider_log._source_file,
        provider_log._source_row,
        provider_log._load_id,
        provider_log._extracted_at as exported_at,
        files.series,
        files.feed
    from provider_log
    inner join files on provider_log._source_file = files._source_file
    where {{ is_known(['provider_log._extracted_at']) }}

),

final as (

    select
        provider_id,
        provider_name,
        specialty,
        city,
        exported_at,
        coalesce(changed_at, exported_at) as said_at,
        series,
        feed,
        {{ surrogate_key(['provider_name', 'specialty', 'city']) }} as content_hash,
        _source_file,
        _source_row,
        _load_id
    from said
    where provider_id is not null

)

select * from final
