-- grain: one row per participant ever known with a joining date: how long they stayed, how it ended
with participants as (

    select * from {{ ref('int_care__participant_versions') }}

),

statuses as (

    select * from {{ ref('participant_statuses') }}

),

contacts as (

    select * from {{ ref('int_care__participant_contacts') }}

),

latest_states as (

    select
        participants.*,
        coalesce(statuses.program_state, 'in program') as program_state
    from participants
    left join statuses on participants.current_status = statuses.status_name
    where participants.is_latest and participants.joining_date <= {{ as_of() }}

),

first_states as (

    select * from participants
    where version_number = 1

),

ended as (

    -- of whom no file speaks any more, nothing is known from the day the last one went
    select
        latest_states.participant_id,
        latest_states.joining_date,
        latest_states.program_state,
        latest_states.is_current,
        coalesce(first_states.risk_level, 'Unknown') as first_extract_risk_level,
        case
            when latest_states.program_state <> 'in program'
                then coalesce(contacts.last_contact_date, latest_states.joining_date)
            when latest_states.is_current then {{ as_of() }}
            else cast(latest_states.valid_to as date)
        end as end_date
    from latest_states
    inner join first_states on latest_states.participant_id = first_states.participant_id
    left join contacts on latest_states.participant_id = contacts.participant_id

),

final as (

    select
        participant_id,
        first_extract_risk_level,
        joining_date,
        program_state,
        is_current,
        end_date,
        program_state = 'left' as has_left,
        program_state = 'completed' as has_completed,
        case
            when end_date < joining_date then 0
            else {{ completed_months('joining_date', 'end_date') }}
        end as tenure_months,
        {{ completed_months('joining_date', as_of()) }} as followed_months
    from ended

)

select * from final
