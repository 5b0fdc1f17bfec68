-- grain: one row per version of a provider
with versions as (

    select * from {{ ref('int_claims__provider_versions') }}

),

final as (

    select
        provider_key,
        source_system,
        {{ claims_plain_id('source_system', 'provider_id') }} as provider_id,
        provider_name,
        specialty,
        city,
        version_number,
        valid_from,
        valid_to,
        is_current,
        stated_from,
        _source_file,
        _source_row
    from versions

)

select * from final
