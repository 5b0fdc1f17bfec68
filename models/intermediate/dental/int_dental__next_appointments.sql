-- grain: one row per patient with a scheduled appointment on the as-of day or later: the first one
with appointments as (

    select * from {{ ref('int_dental__appointments') }}
    where is_scheduled and cast(starts_at as date) >= {{ as_of() }}

),

ranked as (

    select
        patient_id,
        appointment_id,
        starts_at,
        is_hygiene,
        row_number() over (
            partition by patient_id order by starts_at asc nulls last, appointment_id asc nulls last
        ) as appointment_rank
    from appointments

),

final as (

    select
        patient_id,
        appointment_id,
        starts_at
    from ranked
    where appointment_rank = 1

)

select * from final
