-- grain: one row per version of a provider
with versions as (

    select * from {{ ref('int_claims__export_versions') }}
    where entity = 'provider'

),

provider_rows as (

    select * from {{ ref('int_claims__provider_rows') }}

),

final as (

    select
        {{ version_key('versions.entity_id', 'versions.valid_from') }} as provider_key,
        versions.entity_id as provider_id,
        versions.source_system,
        versions.version_number,
        provider_rows.provider_name,
        coalesce(provider_rows.specialty, 'Unknown') as specialty,
        provider_rows.city,
        versions.valid_from,
        versions.valid_to,
        versions.valid_to = cast('9999-12-31' as timestamp) as is_current,
        versions.stated_from,
        versions._source_file,
        versions._source_row
    from versions
    inner join provider_rows
        on
            versions._load_id = provider_rows._load_id
            and versions._source_file = provider_rows._source_file
            and versions._source_row = provider_rows._source_row

)

select * from final
