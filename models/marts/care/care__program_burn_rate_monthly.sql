-- grain: one row per month and program category in which money was spent or budgeted
with expenses as (

    select * from {{ ref('care__fact_program_expenses') }}

),

budgets as (

    select * from {{ ref('int_care__budgets') }}
    where month <= {{ as_of() }}

),

spent as (

    select
        cast(date_trunc('month', expense_date) as date) as month,
        coalesce(program_category, 'Unknown') as program_category,
        sum(amount) as spent_amount,
        sum(case when participant_id is null then amount else 0 end) as program_wide_amount,
        sum(case when is_category_unmapped then amount else 0 end) as unmapped_amount,
        count(distinct participant_id) as participants,
        count(*) as expense_count
    from expenses
    group by
        cast(date_trunc('month', expense_date) as date), coalesce(program_category, 'Unknown')

),

joined as (

    select
        coalesce(spent.month, budgets.month) as month,
        coalesce(spent.program_category, budgets.program_category) as program_category,
        coalesce(spent.spent_amount, 0) as spent_amount,
        coalesce(spent.program_wide_amount, 0) as program_wide_amount,
        coalesce(spent.unmapped_amount, 0) as unmapped_amount,
        coalesce(spent.participants, 0) as participants,
        coalesce(spent.expense_count, 0) as expense_count,
        budgets.budget_amount
    from spent
    full outer join budgets
        on spent.month = budgets.month and spent.program_category = budgets.program_category

),

totals as (

    select
        *,
        {{ is_over('month', 'month') }} as is_complete,
        sum(spent_amount) over (partition by month) as month_spent_amount,
        sum(unmapped_amount) over (partition by month) as month_unmapped_amount
    from joined

),

final as (

    select
        month,
        program_category,
        is_complete,
        cast(spent_amount as decimal(14, 2)) as spent_amount,
        cast(program_wide_amount as decimal(14, 2)) as program_wide_amount,
        cast(participants as bigint) as participants,
        cast(expense_count as bigint) as expense_count,
        budget_amount,
        cast(budget_amount - spent_amount as decimal(14, 2)) as budget_left_amount,
        case when is_complete then {{ ratio('spent_amount', 'budget_amount') }} end
            as budget_used_share,
        cast(month_spent_amount as decimal(14, 2)) as month_spent_amount,
        cast(month_unmapped_amount as decimal(14, 2)) as month_unmapped_amount,
        {{ ratio('month_unmapped_amount', 'month_spent_amount') }} as month_unmapped_share
    from totals

)

select * from final
