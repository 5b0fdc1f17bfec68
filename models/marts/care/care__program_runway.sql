-- grain: one row per program category with a budget
with expenses as (

    select
        coalesce(program_category, 'Unknown') as program_category,
        expense_date,
        amount
    from {{ ref('care__fact_program_expenses') }}
    where expense_date <= {{ as_of() }}

),

budgets as (

    select
        program_category,
        min(month) as budget_from_month,
        max(month) as budget_to_month,
        sum(budget_amount) as budget_amount
    from {{ ref('int_care__budgets') }}
    group by program_category

),

dated as (

    select
        budgets.*,
        expenses.expense_date,
        expenses.amount,
        cast(date_trunc('month', {{ as_of() }}) as date) as running_month,
        {{ dbt.datediff('expenses.expense_date', as_of(), 'month') }} as months_ago
    from budgets
    left join expenses on budgets.program_category = expenses.program_category

),

summed as (

    -- the running month has no whole spending yet, so the average is of those before
    select
        program_category,
        budget_from_month,
        budget_to_month,
        budget_amount,
        coalesce(sum(case when expense_date >= budget_from_month then amount end), 0)
            as spent_amount,
        case
            when max(months_ago) > {{ var('care_burn_months') }} then {{ var('care_burn_months') }}
            else max(months_ago)
        end as months_averaged,
        sum(case
            when months_ago between 1 and {{ var('care_burn_months') }} then amount else 0
        end) as recent_amount
    from dated
    group by program_category, budget_from_month, budget_to_month, budget_amount

),

averaged as (

    select
        *,
        {{ per_unit('recent_amount', 'months_averaged') }} as average_month_amount
    from summed

),

final as (

    select
        program_category,
        budget_from_month,
        budget_to_month,
        cast(budget_amount as decimal(14, 2)) as budget_amount,
        cast(spent_amount as decimal(14, 2)) as spent_amount,
        cast(budget_amount - spent_amount as decimal(14, 2)) as budget_left_amount,
        cast(nullif(months_averaged, 0) as integer) as months_averaged,
        cast(average_month_amount as decimal(14, 2)) as average_month_amount,
        cast(case
            when average_month_amount > 0
                then {{ per_unit(
                    'greatest(budget_amount - spent_amount, 0)', 'average_month_amount'
                ) }}
        end as decimal(8, 2)) as runway_months
    from averaged

)

select * from final
