-- grain: one row per line of a pharmacy claim
{{ config(materialized='view') }}
with lines as (

    select * from {{ ref('claims__fact_claim_lines') }}
    where ndc_code is not null and procedure_code is null and revenue_code is null

),

claims as (

    select * from {{ ref('claims__fact_claims') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

final as (

    select
        lines.claim_key as claim_id,
        lines.line_sequence as claim_line_number,
        {{ claims_number('source_systems.member_system', 'claims.member_id') }} as person_id,
        claims.member_id,
        nullif(claims.payer, 'Unknown') as payer,
        nullif(claims.plan_name, 'Unknown') as plan,
        cast(null as {{ dbt.type_string() }}) as prescribing_provider_npi,
        case
            when {{ regex_matches('claims.provider_id', '^[12][0-9]{9}$') }} then claims.provider_id
        end as dispensing_provider_npi,
        coalesce(lines.service_from_date, claims.claim_date) as dispensing_date,
        {{ dbt.replace('lines.ndc_code', "'-'", "''") }} as ndc_code,
        cast(round(lines.quantity) as integer) as quantity,
        cast(round(lines.days_supply) as integer) as days_supply,
        cast(null as integer) as refills,
        cast(claims.adjudicated_at as date) as paid_date,
        lines.paid_amount,
        lines.allowed_amount,
        lines.amount as charge_amount,
        lines.coinsurance_amount,
        lines.copay_amount as copayment_amount,
        lines.deductible_amount,
        cast(null as integer) as in_network_flag,
        claims.source_system as data_source,
        lines._source_file as file_name,
        cast(claims.ingested_at as date) as file_date,
        claims.ingested_at as ingest_datetime
    from lines
    inner join claims on lines.claim_key = claims.claim_key
    inner join source_systems on claims.source_system = source_systems.source_system

)

select * from final
