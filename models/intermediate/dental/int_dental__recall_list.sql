-- grain: one row per recall, with what hides it from the recall list
with recalls as (

    select * from {{ ref('stg_opendental__recalls') }}

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

preferences as (

    select max(value_text) as value_text from {{ ref('stg_opendental__preferences') }}
    where preference_name = 'RecallTypesShowingInList'

),

reminder_types as (

    select definition_id from {{ ref('stg_opendental__definitions') }}
    where category_code = 27 and upper(item_value) = 'RECALL'

),

reminders as (

    select communications.*
    from {{ ref('stg_opendental__communications') }} as communications
    inner join reminder_types
        on communications.communication_type_definition_id = reminder_types.definition_id
    where cast(communications.communicated_at as date) <= {{ as_of() }}

),

reminded as (

    select
        recalls.recall_id,
        count(*) as reminder_count,
        max(reminders.communicated_at) as last_reminder_at
    from recalls
    inner join reminders
        on
            recalls.patient_id = reminders.patient_id
            and cast(reminders.communicated_at as date)
            > coalesce(recalls.previous_date, cast('1880-01-01' as date))
    group by recalls.recall_id

),

final as (

    select
        recalls.*,
        coalesce(reminded.reminder_count, 0) as reminder_count,
        reminded.last_reminder_at,
        patients.guarantor_id,
        case
            when patients.patient_id is null then 'patient is gone'
            when patients.patient_status_code <> 0 then 'not an active patient'
            when recalls.is_disabled then 'recall is disabled'
            when recalls.due_date is null then 'no due date'
            when recalls.disabled_until_date > {{ as_of() }} then 'disabled until a later day'
            when
                recalls.disabled_until_balance_amount > 0
                and coalesce(guarantors.balance_total_amount, 0)
                - coalesce(guarantors.insurance_estimate_amount, 0)
                > recalls.disabled_until_balance_amount
                then 'disabled until the balance is lower'
            when recalls.scheduled_date >= {{ as_of() }} then 'scheduled'
            when
                preferences.value_text is not null
                and ',' || {{ dbt.replace('preferences.value_text', "' '", "''") }} || ','
                not like '%,' || cast(recalls.recall_type_id as {{ dbt.type_string() }}) || ',%'
                then 'type not shown in the list'
        end as hidden_because
    from recalls
    cross join preferences
    left join patients on recalls.patient_id = patients.patient_id
    left join patients as guarantors on patients.guarantor_id = guarantors.patient_id
    left join reminded on recalls.recall_id = reminded.recall_id

)

select * from final
