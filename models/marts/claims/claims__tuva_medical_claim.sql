-- grain: one row per line of a medical claim
{{ config(materialized='view') }}
with lines as (

    select * from {{ ref('claims__fact_claim_lines') }}
    where ndc_code is null or procedure_code is not null or revenue_code is not null

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
        case
            when
                {{ regex_matches('lines.claim_type', 'inst|facil|hosp') }}
                or lines.bill_type_code is not null
                or lines.revenue_code is not null then 'institutional'
            when
                {{ regex_matches('lines.claim_type', 'prof|phys') }}
                or lines.place_of_service_code is not null then 'professional'
            else 'undetermined'
        end as claim_type,
        {{ claims_number('source_systems.member_system', 'claims.member_id') }} as person_id,
        claims.member_id,
        nullif(claims.payer, 'Unknown') as payer,
        nullif(claims.plan_name, 'Unknown') as plan,
        coalesce(claims.service_from_date, claims.claim_date) as claim_start_date,
        coalesce(claims.service_to_date, claims.service_from_date, claims.claim_date)
            as claim_end_date,
        coalesce(lines.service_from_date, claims.claim_date) as claim_line_start_date,
        coalesce(lines.service_to_date, lines.service_from_date, claims.claim_date)
            as claim_line_end_date,
        cast(null as date) as admission_date,
        cast(null as date) as discharge_date,
        cast(null as {{ dbt.type_string() }}) as admit_source_code,
        cast(null as {{ dbt.type_string() }}) as admit_type_code,
        cast(null as {{ dbt.type_string() }}) as discharge_disposition_code,
        lines.place_of_service_code,
        lines.bill_type_code,
        cast(null as {{ dbt.type_string() }}) as drg_code_type,
        cast(null as {{ dbt.type_string() }}) as drg_code,
        lines.revenue_code as revenue_center_code,
        cast(round(lines.quantity) as integer) as service_unit_quantity,
        lines.procedure_code as hcpcs_code,
        {%- for number in range(1, 6) %}
            cast(null as {{ dbt.type_string() }}) as hcpcs_modifier_{{ number }},
        {%- endfor %}
        case
            when {{ regex_matches('claims.provider_id', '^[12][0-9]{9}$') }} then claims.provider_id
        end as rendering_npi,
        cast(null as {{ dbt.type_string() }}) as rendering_tin,
        cast(null as {{ dbt.type_string() }}) as billing_npi,
        cast(null as {{ dbt.type_string() }}) as billing_tin,
        cast(null as {{ dbt.type_string() }}) as facility_npi,
        cast(claims.adjudicated_at as date) as paid_date,
        lines.paid_amount,
        lines.allowed_amount,
        lines.amount as charge_amount,
        lines.coinsurance_amount,
        lines.copay_amount as copayment_amount,
        lines.deductible_amount,
        cast(null as decimal(18, 2)) as total_cost_amount,
        case when claims.diagnosis_code is not null then 'icd-10-cm' end as diagnosis_code_type,
        {{ dbt.replace('claims.diagnosis_code', "'.'", "''") }} as diagnosis_code_1,
        {{ dbt.replace('lines.diagnosis_code_2', "'.'", "''") }} as diagnosis_code_2,
        {{ dbt.replace('lines.diagnosis_code_3', "'.'", "''") }} as diagnosis_code_3,
        {{ dbt.replace('lines.diagnosis_code_4', "'.'", "''") }} as diagnosis_code_4,
        {{ dbt.replace('lines.diagnosis_code_5', "'.'", "''") }} as diagnosis_code_5,
        {{ dbt.replace('lines.diagnosis_code_6', "'.'", "''") }} as diagnosis_code_6,
        {{ dbt.replace('lines.diagnosis_code_7', "'.'", "''") }} as diagnosis_code_7,
        {{ dbt.replace('lines.diagnosis_code_8', "'.'", "''") }} as diagnosis_code_8,
        {{ dbt.replace('lines.diagnosis_code_9', "'.'", "''") }} as diagnosis_code_9,
        {{ dbt.replace('lines.diagnosis_code_10', "'.'", "''") }} as diagnosis_code_10,
        {{ dbt.replace('lines.diagnosis_code_11', "'.'", "''") }} as diagnosis_code_11,
        {{ dbt.replace('lines.diagnosis_code_12', "'.'", "''") }} as diagnosis_code_12,
        {%- for number in range(13, 26) %}
            cast(null as {{ dbt.type_string() }}) as diagnosis_code_{{ number }},
        {%- endfor %}
        {%- for number in range(1, 26) %}
            cast(null as {{ dbt.type_string() }}) as diagnosis_poa_{{ number }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as procedure_code_type,
        {%- for number in range(1, 26) %}
            cast(null as {{ dbt.type_string() }}) as procedure_code_{{ number }},
        {%- endfor %}
        {%- for number in range(1, 26) %}
            cast(null as date) as procedure_date_{{ number }},
        {%- endfor %}
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
