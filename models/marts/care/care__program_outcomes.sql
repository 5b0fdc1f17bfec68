-- grain: one row: the program as of the day computed as of
with participants as (

    select * from {{ ref('care__dim_participants') }}

),

contacts as (

    select * from {{ ref('int_care__participant_contacts') }}

),

expenses as (

    select * from {{ ref('care__fact_program_expenses') }}

),

people as (

    select
        count(distinct participant_id) as participants,
        count(distinct case when is_current then participant_id end) as listed_participants
    from participants

),

growth as (

    select
        count(growth_change) as measured_participants,
        sum(case when growth_change > 0 then 1 else 0 end) as risen_participants,
        sum(case when growth_change < 0 then 1 else 0 end) as fallen_participants,
        sum(growth_change) as growth_points
    from contacts

),

spending as (

    select
        coalesce(sum(amount), 0) as total_spend_amount,
        coalesce(sum(case when participant_id is null then amount end), 0) as program_wide_amount
    from expenses

),

final as (

    select
        {{ as_of() }} as as_of_date,
        cast(people.participants as bigint) as participants,
        cast(people.listed_participants as bigint) as listed_participants,
        cast(growth.measured_participants as bigint) as measured_participants,
        cast(coalesce(growth.risen_participants, 0) as bigint) as risen_participants,
        cast(coalesce(growth.fallen_participants, 0) as bigint) as fallen_participants,
        cast(growth.growth_points as decimal(10, 2)) as growth_points,
        cast(spending.total_spend_amount as decimal(14, 2)) as total_spend_amount,
        cast(spending.total_spend_amount - spending.program_wide_amount as decimal(14, 2))
            as participant_spend_amount,
        cast(spending.program_wide_amount as decimal(14, 2)) as program_wide_amount,
        cast(case
            when growth.growth_points > 0
                then {{ per_unit(
                    'spending.total_spend_amount - spending.program_wide_amount',
                    'growth.growth_points'
                ) }}
        end as decimal(14, 2)) as participant_spend_per_growth_point_amount,
        cast(case
            when growth.growth_points > 0
                then {{ per_unit('spending.total_spend_amount', 'growth.growth_points') }}
        end as decimal(14, 2)) as total_spend_per_growth_point_amount
    from people
    cross join growth
    cross join spending
    where {{ as_of() }} is not null

)

select * from final
