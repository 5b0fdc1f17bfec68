-- grain: one row per active patient with a visit within the horizon
with visits as (

    select
        *,
        row_number() over (partition by patient_id order by visit_date desc nulls last)
            as visit_rank
    from {{ ref('ml__future_need_features') }}

),

active_patients as (

    select patient_id from {{ ref('stg_opendental__patients') }}
    where patient_status_code = 0

),

scores as (

    select * from {{ ref('int_ml__dental_scores') }}
    where model_name = 'future_need'

),

practice as (

    select sum(case when has_need then 1 else 0 end) * 1.0 / nullif(count(*), 0) as need_rate
    from visits
    where has_need is not null

),

planned as (

    select
        treatments.patient_id,
        groups.need_group,
        max(treatments.treatment_planned_date) as last_planned_date,
        count(*) as need_count
    from {{ ref('int_dental__treatments') }} as treatments
    inner join {{ ref('ml_need_groups') }} as groups
        on treatments.procedure_category = groups.procedure_category
    where
        (treatments.is_planned or treatments.is_ever_completed)
        and treatments.treatment_planned_date <= {{ as_of() }}
    group by treatments.patient_id, groups.need_group

),

own_groups as (

    select
        *,
        row_number() over (
            partition by patient_id
            order by
                last_planned_date desc nulls last,
                need_count desc nulls last,
                need_group asc nulls last
        ) as group_rank
    from planned

),

practice_groups as (

    select
        need_group,
        row_number() over (order by sum(need_count) desc nulls last, need_group asc nulls last)
            as group_rank
    from planned
    group by need_group

),

final as (

    select
        visits.patient_id,
        visits.visit_date as last_visit_date,
        cast(coalesce(scores.probability, practice.need_rate) as {{ type_double() }})
            as need_probability,
        case
            when scores.probability is not null then 'model ' || scores.model_version
            else 'rule: rate of the practice'
        end as probability_source,
        coalesce(own_groups.need_group, practice_groups.need_group) as need_group,
        case
            when own_groups.need_group is null then 'most often in the practice'
            else 'last of the patient'
        end
            as need_group_source,
        scores.reasons
    from visits
    inner join active_patients on visits.patient_id = active_patients.patient_id
    cross join practice
    left join scores on visits.entity_id = scores.entity_id
    left join own_groups on visits.patient_id = own_groups.patient_id and own_groups.group_rank = 1
    left join practice_groups on practice_groups.group_rank = 1
    where visits.visit_rank = 1 and visits.is_open

)

select * from final
