-- grain: one row per family: a guarantor and everybody they answer for now
with patients as (

    select * from {{ ref('dental__dim_patients') }}
    where is_current and patient_status <> 'deleted' and merged_into_patient_id is null

),

member_facts as (

    select * from {{ ref('int_dental__patient_summaries') }}

),

insured as (

    select patient_id from {{ ref('int_dental__coverage_in_force') }}
    group by patient_id

),

overdue as (

    select patient_id from {{ ref('int_dental__recall_list') }}
    where hidden_because is null and due_date < {{ as_of() }}
    group by patient_id

),

families as (

    select
        coalesce(patients.guarantor_id, patients.patient_id) as guarantor_id,
        count(*) as members,
        sum(case when patients.is_active then 1 else 0 end) as active_members,
        sum(case
            when {{ age_on('patients.birth_date', as_of()) }} < 18 then 1 else 0
        end) as children,
        sum(case when insured.patient_id is not null then 1 else 0 end) as insured_members,
        sum(case when overdue.patient_id is not null then 1 else 0 end) as members_overdue,
        sum(case
            when member_facts.last_visit_date > {{ add_days(as_of(), -365) }} then 1 else 0
        end) as members_seen_365_days,
        min(member_facts.first_visit_date) as first_visit_date,
        max(member_facts.last_visit_date) as last_visit_date,
        sum(coalesce(member_facts.production_365_days, 0)) as production_365_days,
        sum(coalesce(member_facts.kept_appointments, 0)) as kept_appointments,
        sum(coalesce(member_facts.broken_appointments, 0)) as broken_appointments,
        sum(coalesce(member_facts.mature_presented_amount, 0)) as mature_presented_amount,
        sum(coalesce(member_facts.mature_accepted_amount, 0)) as mature_accepted_amount,
        sum(coalesce(member_facts.mature_case_presented_amount, 0))
            as mature_case_presented_amount,
        sum(coalesce(member_facts.mature_case_accepted_amount, 0)) as mature_case_accepted_amount,
        sum(coalesce(member_facts.mature_presented_procedures, 0)) as mature_presented_procedures
    from patients
    left join member_facts on patients.patient_id = member_facts.patient_id
    left join insured on patients.patient_id = insured.patient_id
    left join overdue on patients.patient_id = overdue.patient_id
    group by coalesce(patients.guarantor_id, patients.patient_id)

),

final as (

    select
        guarantor_id,
        cast(members as bigint) as members,
        cast(active_members as bigint) as active_members,
        cast(children as bigint) as children,
        cast(insured_members as bigint) as insured_members,
        cast(members_seen_365_days as bigint) as members_seen_365_days,
        cast(members_overdue as bigint) as members_overdue,
        first_visit_date,
        last_visit_date,
        cast(production_365_days as decimal(18, 2)) as production_365_days_amount,
        cast(kept_appointments as bigint) as kept_appointments,
        cast(broken_appointments as bigint) as broken_appointments,
        {{ rate_columns(
            'broken_rate', 'broken_appointments', '(kept_appointments + broken_appointments)'
        ) }},
        cast(mature_presented_procedures as bigint) as mature_presented_procedures,
        cast(mature_presented_amount as decimal(18, 2)) as mature_presented_amount,
        cast(mature_accepted_amount as decimal(18, 2)) as mature_accepted_amount,
        {{ ratio('mature_accepted_amount', 'mature_presented_amount') }} as acceptance_rate,
        cast(mature_case_presented_amount as decimal(18, 2)) as mature_case_presented_amount,
        cast(mature_case_accepted_amount as decimal(18, 2)) as mature_case_accepted_amount,
        {{ ratio('mature_case_accepted_amount', 'mature_case_presented_amount') }}
            as case_acceptance_rate,
        {{ is_small_sample(
            'least(kept_appointments + broken_appointments, mature_presented_procedures)'
        ) }} as is_small_sample
    from families

)

select * from final
