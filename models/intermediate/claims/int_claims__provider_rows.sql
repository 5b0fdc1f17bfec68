-- grain: one row per row of a providers file, in each export that had it
with staged as (

    select * from {{ ref('stg_claims__providers') }}

),

provider_log as (

    select * from {{ ref('int_claims__provider_log') }}

),

said as (

    select * from staged
    where {{ export_moment('_source_file') }} is not null
    union all
    select * from provider_log

),

final as (

    select
        provider_id,
        provider_name,
        specialty,
        city,
        coalesce({{ export_moment('_source_file') }}, _extracted_at) as exported_at,
        {{ export_feed('_source_file') }} as feed,
        {{ surrogate_key(['provider_name', 'specialty', 'city']) }} as content_hash,
        _source_file,
        _source_row,
        _load_id
    from said
    where provider_id is not null

)

select * from final
