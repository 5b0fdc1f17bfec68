-- grain: one row per entry of an expense log
with expenses as (

    select * from {{ ref('int_care__expenses') }}

),

participants as (

    select * from {{ ref('care__dim_participants') }}

),

final as (

    select
        {{ surrogate_key([
            'expenses._source_file', 'expenses._source_sheet',
            'expenses.table_number', 'expenses._source_row'
        ]) }} as expense_key,
        participants.participant_key,
        expenses.participant_id,
        expenses.expense_date,
        expenses.is_date_carried_forward,
        expenses.is_year_inferred,
        expenses.program_category,
        expenses.is_category_unmapped,
        expenses.details,
        cast(expenses.amount as decimal(12, 2)) as amount,
        expenses.staff_member,
        expenses.additional_values,
        expenses.is_duplicate,
        expenses.source_retired_at,
        expenses._source_file,
        expenses._source_sheet,
        expenses._source_row
    from expenses
    left join participants
        on
            expenses.participant_id = participants.participant_id
            and {{ valid_at('expenses.expense_date', 'participants') }}

)

select * from final
