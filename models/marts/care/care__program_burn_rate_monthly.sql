-- grain: one row per month and program category in which money was spent
with expenses as (

    select * from {{ ref('care__fact_program_expenses') }}

),

final as (

    select
        cast(date_trunc('month', expense_date) as date) as month,
        coalesce(program_category, 'Unknown') as program_category,
        cast(sum(amount) as decimal(14, 2)) as spent_amount,
        cast(sum(case when participant_id is null then amount else 0 end) as decimal(14, 2))
            as program_wide_amount,
        count(distinct participant_id) as participants,
        count(*) as expense_count
    from expenses
    group by
        cast(date_trunc('month', expense_date) as date), coalesce(program_category, 'Unknown')

)

select * from final
