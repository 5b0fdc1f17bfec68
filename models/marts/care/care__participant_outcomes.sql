-- grain: one row per participant in the newest extract
with participants as (

    select * from {{ ref('care__dim_participants') }}
    where is_current

),

contacts as (

    select * from {{ ref('int_care__participant_contacts') }}

),

spending as (

    select
        participant_id,
        sum(amount) as total_spend_amount,
        sum(case when program_category = 'Medical' then amount else 0 end) as medical_spend_amount
    from {{ ref('care__fact_program_expenses') }}
    where participant_id is not null
    group by participant_id

),

final as (

    select
        participants.participant_key,
        participants.participant_id,
        participants.participant_name,
        participants.current_status,
        participants.risk_level,
        participants.joining_date,
        contacts.first_contact_date,
        contacts.last_contact_date,
        cast(coalesce(contacts.intervention_count, 0) as bigint) as intervention_count,
        contacts.contacts_per_month,
        contacts.first_growth_level,
        contacts.latest_growth_level,
        cast(contacts.growth_change as decimal(5, 2)) as growth_change,
        contacts.growth_per_month,
        cast(coalesce(spending.total_spend_amount, 0) as decimal(14, 2)) as total_spend_amount,
        cast(coalesce(spending.medical_spend_amount, 0) as decimal(14, 2)) as medical_spend_amount,
        cast(case
            when contacts.growth_change > 0
                then {{ per_unit('spending.total_spend_amount', 'contacts.growth_change') }}
        end as decimal(14, 2)) as spend_per_growth_point_amount,
        cast(
            {{ dbt.datediff('contacts.last_contact_date', as_of(), 'day') }} as bigint
        ) as days_since_last_contact
    from participants
    left join contacts on participants.participant_id = contacts.participant_id
    left join spending on participants.participant_id = spending.participant_id

)

select * from final
