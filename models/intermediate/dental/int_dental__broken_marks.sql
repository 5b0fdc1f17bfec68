-- grain: one row per method and mark of a broken appointment
with treatments as (

    select * from {{ ref('int_dental__treatments') }}

),

appointments as (

    select * from {{ ref('int_dental__appointments') }}

),

adjustments as (

    select * from {{ ref('stg_opendental__adjustments') }}

),

fee_types as (

    select definitions.definition_id
    from {{ ref('stg_opendental__definitions') }} as definitions
    inner join {{ ref('dental_broken_adjustment_names') }} as names
        on lower(definitions.item_name) like names.name_pattern
    where definitions.category_code = 1
    group by definitions.definition_id

),

final as (

    select
        'procedure' as method,
        treatments.procedure_id as mark_id,
        treatments.patient_id,
        treatments.provider_id,
        treatments.clinic_id,
        treatments.utility_kind as mark_kind,
        treatments.procedure_date as day,
        cast(0 as decimal(18, 2)) as adjustment_amount
    from treatments
    where
        treatments.is_completed
        and treatments.is_broken_appointment_mark
    union all
    select
        'adjustment' as method,
        adjustments.adjustment_id as mark_id,
        adjustments.patient_id,
        coalesce(adjustments.provider_id, 0) as provider_id,
        coalesce(adjustments.clinic_id, 0) as clinic_id,
        'fee' as mark_kind,
        adjustments.adjustment_date as day,
        adjustments.adjustment_amount
    from adjustments
    inner join fee_types on adjustments.adjustment_type_definition_id = fee_types.definition_id
    where adjustments.adjustment_date <= {{ as_of() }}
    union all
    select
        'status' as method,
        appointments.appointment_id as mark_id,
        appointments.patient_id,
        appointments.provider_id,
        appointments.clinic_id,
        coalesce(appointments.broken_how, 'not said') as mark_kind,
        cast(appointments.starts_at as date) as day,
        cast(0 as decimal(18, 2)) as adjustment_amount
    from appointments
    where
        appointments.is_broken
        and cast(appointments.starts_at as date) <= {{ as_of() }}

)

select * from final
