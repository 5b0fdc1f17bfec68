-- grain: one row per month and procedure category with completed or planned treatment
with completed as (

    select * from {{ ref('int_dental__category_months') }}

),

planned as (

    select
        planned_month as month,
        procedure_category,
        count(*) as planned_procedures,
        sum(fee_amount) as planned_amount,
        sum(case when is_accepted then fee_amount else 0 end) as accepted_amount,
        sum(case when is_insured then fee_amount else 0 end) as planned_insured_amount,
        sum(case when is_insured and is_accepted then fee_amount else 0 end)
            as accepted_insured_amount,
        {{ is_mature_month('planned_month', var('dental_acceptance_horizon_days')) }} as is_mature
    from {{ ref('int_dental__planned_treatments') }}
    where is_presented
    group by planned_month, procedure_category

),

seasons as (

    select * from {{ ref('int_dental__category_seasons') }}

),

merged as (

    select
        coalesce(completed.month, planned.month) as month,
        coalesce(completed.procedure_category, planned.procedure_category) as procedure_category,
        completed.completed_procedures,
        completed.insured_procedures,
        completed.production_amount,
        completed.insured_production_amount,
        completed.capitation_write_off_amount,
        completed.insurance_paid_amount,
        completed.write_off_amount,
        completed.adjustment_amount,
        completed.patient_paid_amount,
        completed.month_production_amount,
        planned.planned_procedures,
        planned.planned_amount,
        planned.accepted_amount,
        planned.planned_insured_amount,
        planned.accepted_insured_amount,
        coalesce(planned.is_mature, false) as is_mature
    from completed
    full outer join planned
        on
            completed.month = planned.month
            and completed.procedure_category = planned.procedure_category

),

final as (

    select
        merged.month,
        merged.procedure_category,
        cast(coalesce(merged.completed_procedures, 0) as bigint) as completed_procedures,
        cast(coalesce(merged.production_amount, 0) as decimal(18, 2)) as production_amount,
        {{ ratio('merged.production_amount', 'merged.month_production_amount') }}
            as production_share,
        cast(coalesce(merged.insured_procedures, 0) as bigint) as insured_procedures,
        cast(coalesce(merged.insured_production_amount, 0) as decimal(18, 2))
            as insured_production_amount,
        cast(coalesce(merged.capitation_write_off_amount, 0) as decimal(18, 2))
            as capitation_write_off_amount,
        cast(coalesce(merged.insurance_paid_amount, 0) as decimal(18, 2)) as insurance_paid_amount,
        cast(coalesce(merged.write_off_amount, 0) as decimal(18, 2)) as write_off_amount,
        cast(coalesce(merged.adjustment_amount, 0) as decimal(18, 2)) as adjustment_amount,
        cast(coalesce(merged.patient_paid_amount, 0) as decimal(18, 2)) as patient_paid_amount,
        {{ ratio(
            '(merged.insurance_paid_amount + merged.patient_paid_amount)',
            '(merged.production_amount - merged.capitation_write_off_amount'
            ~ ' - merged.write_off_amount + merged.adjustment_amount)'
        ) }} as paid_rate,
        {{ ratio('merged.insurance_paid_amount', 'merged.insured_production_amount') }}
            as insurance_paid_rate,
        {{ ratio('merged.write_off_amount', 'merged.insured_production_amount') }}
            as write_off_rate,
        seasons.season_index,
        merged.is_mature,
        cast(coalesce(merged.planned_procedures, 0) as bigint) as planned_procedures,
        cast(coalesce(merged.planned_amount, 0) as decimal(18, 2)) as planned_amount,
        cast(coalesce(merged.accepted_amount, 0) as decimal(18, 2)) as accepted_amount,
        case
            when merged.is_mature
                then {{ ratio('merged.accepted_amount', 'merged.planned_amount') }}
        end as acceptance_rate,
        case
            when merged.is_mature
                then {{ ratio('merged.accepted_insured_amount', 'merged.planned_insured_amount') }}
        end as acceptance_rate_insured,
        case
            when merged.is_mature
                then {{ ratio(
                    '(merged.accepted_amount - merged.accepted_insured_amount)',
                    '(merged.planned_amount - merged.planned_insured_amount)'
                ) }}
        end as acceptance_rate_uninsured
    from merged
    left join seasons
        on
            merged.procedure_category = seasons.procedure_category
            and extract(month from merged.month) = seasons.calendar_month

)

select * from final
