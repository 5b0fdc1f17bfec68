-- grain: one row per month and program category with a budget
with budgets as (

    select * from {{ ref('program_budgets') }}

),

categories as (

    {{ alias_lines('program_category_aliases', ['program_category']) }}

),

spellings as (

    select
        {{ normalize_label('program_category') }} as label,
        min(program_category) as program_category
    from {{ ref('int_care__expenses') }}
    where is_category_unmapped
    group by {{ normalize_label('program_category') }}

),

named as (

    select
        cast(date_trunc('month', budgets.month) as date) as month,
        coalesce(
            categories.program_category, spellings.program_category, budgets.program_category
        ) as program_category,
        budgets.budget_amount
    from budgets
    left join categories on {{ normalize_label('budgets.program_category') }} = categories.label
    left join spellings on {{ normalize_label('budgets.program_category') }} = spellings.label

),

final as (

    select
        month,
        program_category,
        cast(sum(budget_amount) as decimal(14, 2)) as budget_amount
    from named
    group by month, program_category

)

select * from final
