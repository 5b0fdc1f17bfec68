-- grain: one row per participant with a joining date: how long they stayed, and whether they left
with participants as (

    select * from {{ ref('int_care__participant_versions') }}

),

statuses as (

    select * from {{ ref('participant_statuses') }}

),

contacts as (

    select * from {{ ref('int_care__participant_contacts') }}

),

states as (

    select
        participants.*,
        coalesce(statuses.program_state, 'in program') as program_state,
        row_number() over (
            partition by participants.participant_id order by participants.valid_from asc nulls last
        ) as version_number
    from participants
    left join statuses on participants.current_status = statuses.status_name

),

current_states as (

    select * from states
    where is_current and joining_date <= {{ as_of() }}

),

first_states as (

    select * from states
    where version_number = 1

),

ended as (

    select
        current_states.participant_id,
        current_states.joining_date,
        current_states.program_state,
        coalesce(first_states.risk_level, 'Unknown') as initial_risk_level,
        case
            when current_states.program_state = 'in program' then {{ as_of() }}
            else coalesce(contacts.last_contact_date, current_states.joining_date)
        end as end_date
    from current_states
    inner join first_states on current_states.participant_id = first_states.participant_id
    left join contacts on current_states.participant_id = contacts.participant_id

),

final as (

    select
        participant_id,
        initial_risk_level,
        joining_date,
        end_date,
        program_state = 'left' as has_left,
        case
            when end_date < joining_date then 0
            else {{ months_between('joining_date', 'end_date') }}
        end as tenure_months
    from ended

)

select * from final
