-- grain: one row per month with an expense or a contact
with expenses as (

    select
        cast(date_trunc('month', expense_date) as date) as month,
        sum(amount) as spent_amount,
        sum(case when participant_id is null then amount else 0 end) as program_wide_amount
    from {{ ref('care__fact_program_expenses') }}
    where expense_date <= {{ as_of() }}
    group by cast(date_trunc('month', expense_date) as date)

),

contacted as (

    select
        cast(date_trunc('month', interaction_date) as date) as month,
        participant_id
    from {{ ref('care__fact_interventions') }}
    where interaction_date <= {{ as_of() }} and participant_id is not null
    group by cast(date_trunc('month', interaction_date) as date), participant_id

),

tenures as (

    select * from {{ ref('int_care__participant_tenures') }}

),

months as (

    select month from expenses
    union
    select month from contacted

),

active as (

    select
        months.month,
        tenures.participant_id
    from months
    inner join tenures
        on
            {{ period_end('months.month', 'month') }} >= tenures.joining_date
            and months.month <= tenures.end_date
    union
    select
        month,
        participant_id
    from contacted

),

counted as (

    select
        month,
        count(*) as active_participants
    from active
    group by month

),

final as (

    select
        months.month,
        {{ is_over('months.month', 'month') }} as is_complete,
        cast(coalesce(counted.active_participants, 0) as bigint) as active_participants,
        cast(coalesce(expenses.spent_amount, 0) as decimal(14, 2)) as spent_amount,
        cast(coalesce(expenses.program_wide_amount, 0) as decimal(14, 2)) as program_wide_amount,
        cast(case
            when {{ is_over('months.month', 'month') }}
                then {{ per_unit(
                    'coalesce(expenses.spent_amount, 0)', 'counted.active_participants'
                ) }}
        end as decimal(14, 2)) as cost_per_active_participant_amount
    from months
    left join expenses on months.month = expenses.month
    left join counted on months.month = counted.month

)

select * from final
