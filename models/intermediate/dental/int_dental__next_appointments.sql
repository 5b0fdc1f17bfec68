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
        min(case when is_hygiene then starts_at end) over (partition by patient_id)
            as next_hygiene_at,
        row_number() over (
            partition by patient_id order by starts_at asc nulls last, appointment_id asc nulls last
        ) as appointment_rank
    from appointments

),

final as (

    select
        patient_id,
        appointment_id,
        starts_at,
        next_hygiene_at
    from ranked
    where appointment_rank = 1

)

select * from final
