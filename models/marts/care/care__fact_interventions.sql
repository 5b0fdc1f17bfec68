-- grain: one row per entry of a status sheet
with interventions as (

    select * from {{ ref('int_care__interventions') }}

),

participants as (

    select * from {{ ref('care__dim_participants') }}

),

final as (

    select
        {{ surrogate_key([
            'interventions._source_file', 'interventions._source_sheet',
            'interventions.table_number', 'interventions._source_row'
        ]) }} as intervention_key,
        participants.participant_key,
        interventions.participant_id,
        interventions.interaction_date,
        interventions.is_date_carried_forward,
        interventions.is_year_inferred,
        interventions.summary,
        interventions.case_worker_action,
        interventions.location,
        interventions.growth_level,
        interventions.growth_text,
        interventions.notes,
        interventions.additional_values,
        interventions.is_duplicate,
        interventions.source_retired_at,
        interventions._source_file,
        interventions._source_sheet,
        interventions._source_row
    from interventions
    left join participants
        on
            interventions.participant_id = participants.participant_id
            and {{ valid_at('interventions.interaction_date', 'participants') }}

)

select * from final
