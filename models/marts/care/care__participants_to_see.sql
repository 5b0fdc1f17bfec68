-- grain: one row per listed participant in the program
with participants as (

    select * from {{ ref('care__dim_participants') }}
    where is_current

),

statuses as (

    select * from {{ ref('participant_statuses') }}

),

contacts as (

    select * from {{ ref('int_care__participant_contacts') }}

),

notes as (

    select
        participant_id,
        max(note_date) as last_note_date
    from {{ ref('care__fact_case_notes') }}
    where note_date <= {{ as_of() }}
    group by participant_id

),

workers as (

    select * from {{ ref('int_care__participant_workers') }}

),

seen as (

    select
        participants.*,
        coalesce(workers.worker, 'Unknown') as worker,
        contacts.last_contact_date,
        notes.last_note_date,
        greatest(
            coalesce(contacts.last_contact_date, notes.last_note_date),
            coalesce(notes.last_note_date, contacts.last_contact_date)
        ) as last_seen_date
    from participants
    left join statuses on participants.current_status = statuses.status_name
    left join contacts on participants.participant_id = contacts.participant_id
    left join notes on participants.participant_id = notes.participant_id
    left join workers on participants.participant_id = workers.participant_id
    where
        coalesce(statuses.program_state, 'in program') = 'in program'
        and coalesce(participants.joining_date <= {{ as_of() }}, true)

),

final as (

    select
        participant_key,
        participant_id,
        participant_name,
        worker,
        current_status,
        risk_level,
        joining_date,
        last_contact_date,
        last_note_date,
        last_seen_date,
        cast({{ dbt.datediff('last_seen_date', as_of(), 'day') }} as bigint) as days_since_seen,
        coalesce(
            {{ dbt.datediff('last_seen_date', as_of(), 'day') }} > {{ var('care_not_seen_days') }},
            true
        ) as is_overdue
    from seen

)

select * from final
