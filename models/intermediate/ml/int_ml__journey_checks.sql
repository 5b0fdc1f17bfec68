-- grain: one row per procedure of the dates and statuses asked for, and why it cannot be used
with procedures as (

    select * from {{ ref('stg_opendental__procedures') }}

),

asked as (

    select
        *,
        {{ journey_date('from') }} as from_date,
        {{ journey_date('to') }} as to_date
    from procedures
    where procedure_status_code in ({{ var('ml_journey_statuses') | join(', ') }})

),

final as (

    select
        procedure_id,
        patient_id,
        procedure_date,
        procedure_status_code,
        case
            when patient_id is null then 'no patient'
            when procedure_code_id is null then 'no procedure code'
            when unit_fee_amount is null then 'no fee'
        end as rejection_reason
    from asked
    where procedure_date >= from_date and procedure_date <= to_date
    union all
    select
        procedure_id,
        patient_id,
        procedure_date,
        procedure_status_code,
        'no date' as rejection_reason
    from asked
    where procedure_date is null

)

select * from final
