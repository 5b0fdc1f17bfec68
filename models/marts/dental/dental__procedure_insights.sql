-- grain: one row per month and procedure category with completed or planned treatment
{%- set completed_counts = ['completed_procedures', 'insured_procedures'] %}
{%- set completed_amounts = [
    'production_amount', 'insured_production_amount', 'capitation_write_off_amount',
    'insurance_paid_amount', 'write_off_amount', 'adjustment_amount', 'patient_paid_amount'
] %}
{%- set planned_counts = ['planned_procedures', 'case_planned_procedures'] %}
{%- set planned_amounts = [
    'planned_amount', 'accepted_amount', 'same_day_amount', 'case_planned_amount',
    'case_accepted_amount', 'planned_insured_amount', 'accepted_insured_amount'
] %}
with completed as (

    select * from {{ ref('int_dental__category_months') }}

),

planned as (

    select
        planned_month as month,
        procedure_category,
        count(*) as planned_procedures,
        sum(case when is_case then 1 else 0 end) as case_planned_procedures,
        sum(fee_amount) as planned_amount,
        sum(case when is_accepted then fee_amount else 0 end) as accepted_amount,
        sum(case when is_accepted and is_same_day then fee_amount else 0 end) as same_day_amount,
        sum(case when is_case then fee_amount else 0 end) as case_planned_amount,
        sum(case when is_case and is_accepted then fee_amount else 0 end)
            as case_accepted_amount,
        sum(case when is_insured then fee_amount else 0 end) as planned_insured_amount,
        sum(case when is_insured and is_accepted then fee_amount else 0 end)
            as accepted_insured_amount
    from {{ ref('int_dental__planned_treatments') }}
    where is_presented
    group by planned_month, procedure_category

),

seasons as (

    select * from {{ ref('int_dental__category_seasons') }}

),

merged as (

    select
        {% for name in completed_counts %}
            cast(coalesce(completed.{{ name }}, 0) as bigint) as {{ name }},
        {% endfor %}
        {% for name in completed_amounts %}
            cast(coalesce(completed.{{ name }}, 0) as decimal(18, 2)) as {{ name }},
        {% endfor %}
        {% for name in planned_counts %}
            cast(coalesce(planned.{{ name }}, 0) as bigint) as {{ name }},
        {% endfor %}
        {% for name in planned_amounts %}
            cast(coalesce(planned.{{ name }}, 0) as decimal(18, 2)) as {{ name }},
        {% endfor %}
        coalesce(completed.month, planned.month) as month,
        coalesce(completed.procedure_category, planned.procedure_category) as procedure_category
    from completed
    full outer join planned
        on
            completed.month = planned.month
            and completed.procedure_category = planned.procedure_category

),

-- The month decides, not whether anything of the category was planned or completed in it.
judged as (

    select
        *,
        {{ is_over('month', 'month') }} as is_complete,
        {{ is_mature_month('month', var('dental_acceptance_horizon_days')) }} as is_mature,
        {{ is_mature_month('month', var('dental_payment_horizon_days')) }} as is_payment_mature,
        cast(
            production_amount - capitation_write_off_amount - write_off_amount + adjustment_amount
            as decimal(18, 2)
        ) as to_pay_amount,
        cast(sum(production_amount) over (partition by month) as decimal(18, 2))
            as month_production_amount
    from merged

),

final as (

    select
        judged.*,
        {{ ratio('judged.production_amount', 'judged.month_production_amount') }}
            as production_share,
        case
            when judged.is_payment_mature
                then {{ ratio(
                    '(judged.insurance_paid_amount + judged.patient_paid_amount)',
                    'judged.to_pay_amount'
                ) }}
        end as paid_rate,
        case
            when judged.is_payment_mature
                then {{ ratio('judged.insurance_paid_amount', 'judged.insured_production_amount') }}
        end as insurance_paid_rate,
        case
            when judged.is_payment_mature
                then {{ ratio('judged.write_off_amount', 'judged.insured_production_amount') }}
        end as write_off_rate,
        seasons.season_index,
        seasons.months_observed as season_months,
        case
            when judged.is_mature
                then {{ ratio('judged.accepted_amount', 'judged.planned_amount') }}
        end as acceptance_rate,
        case
            when judged.is_mature
                then {{ ratio(
                    '(judged.accepted_amount - judged.same_day_amount)',
                    '(judged.planned_amount - judged.same_day_amount)'
                ) }}
        end as acceptance_rate_without_same_day,
        case
            when judged.is_mature
                then {{ ratio('judged.case_accepted_amount', 'judged.case_planned_amount') }}
        end as case_acceptance_rate,
        case
            when judged.is_mature
                then {{ ratio('judged.accepted_insured_amount', 'judged.planned_insured_amount') }}
        end as acceptance_rate_insured,
        case
            when judged.is_mature
                then {{ ratio(
                    '(judged.accepted_amount - judged.accepted_insured_amount)',
                    '(judged.planned_amount - judged.planned_insured_amount)'
                ) }}
        end as acceptance_rate_uninsured,
        {{ is_small_sample('least(judged.completed_procedures, judged.planned_procedures)') }}
            as is_small_sample
    from judged
    left join seasons
        on
            judged.procedure_category = seasons.procedure_category
            and extract(month from judged.month) = seasons.calendar_month

)

select * from final
