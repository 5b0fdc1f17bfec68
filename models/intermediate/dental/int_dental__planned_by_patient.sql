-- grain: one row per month of planning, clinic, provider and patient
with planned as (

    select * from {{ ref('int_dental__planned_treatments') }}

),

final as (

    select
        planned_month,
        clinic_id,
        provider_id,
        patient_id,
        sum(case when is_presented then fee_amount else 0 end) as presented_amount,
        sum(fee_amount) as presented_with_deleted_amount,
        sum(case when is_accepted then fee_amount else 0 end) as accepted_amount,
        sum(case when is_accepted and is_same_day then fee_amount else 0 end)
            as same_day_amount,
        sum(case when is_completed and not is_accepted then fee_amount else 0 end)
            as completed_later_amount,
        sum(case when is_scheduled then fee_amount else 0 end) as scheduled_amount,
        sum(case when is_presented then 1 else 0 end) as presented_procedures,
        sum(case when is_accepted then 1 else 0 end) as accepted_procedures,
        sum(case when is_case then fee_amount else 0 end) as case_presented_amount,
        sum(case when is_case and is_accepted then fee_amount else 0 end) as case_accepted_amount,
        sum(case when is_case then 1 else 0 end) as case_presented_procedures,
        sum(case when is_case and is_accepted then 1 else 0 end) as case_accepted_procedures
    from planned
    group by planned_month, clinic_id, provider_id, patient_id

)

select * from final
