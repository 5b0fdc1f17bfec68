{#- table of the source, staging model -#}
{%- set staged = [
    ('patient', 'patients'),
    ('patientlink', 'patient_links'),
    ('provider', 'providers'),
    ('clinic', 'clinics'),
    ('operatory', 'operatories'),
    ('userod', 'users'),
    ('employee', 'employees'),
    ('referral', 'referrals'),
    ('refattach', 'referral_attachments'),
    ('appointment', 'appointments'),
    ('histappointment', 'appointment_events'),
    ('appointmenttype', 'appointment_types'),
    ('schedule', 'schedules'),
    ('scheduleop', 'schedule_operatories'),
    ('recall', 'recalls'),
    ('recalltype', 'recall_types'),
    ('recalltrigger', 'recall_triggers'),
    ('procedurelog', 'procedures'),
    ('procedurecode', 'procedure_codes'),
    ('codegroup', 'code_groups'),
    ('procmultivisit', 'procedure_visit_groups'),
    ('treatplan', 'treatment_plans'),
    ('treatplanattach', 'treatment_plan_attachments'),
    ('proctp', 'treatment_plan_procedures'),
    ('fee', 'fees'),
    ('feesched', 'fee_schedules'),
    ('carrier', 'carriers'),
    ('insplan', 'insurance_plans'),
    ('inssub', 'insurance_subscriptions'),
    ('patplan', 'patient_plans'),
    ('benefit', 'benefits'),
    ('covcat', 'benefit_categories'),
    ('covspan', 'benefit_category_spans'),
    ('discountplan', 'discount_plans'),
    ('discountplansub', 'discount_plan_subscriptions'),
    ('claim', 'claims'),
    ('claimproc', 'claim_procedures'),
    ('claimpayment', 'claim_payments'),
    ('claimsnapshot', 'claim_snapshots'),
    ('claimtracking', 'claim_tracking'),
    ('payment', 'payments'),
    ('paysplit', 'payment_splits'),
    ('payplan', 'payment_plans'),
    ('payplancharge', 'payment_plan_charges'),
    ('payplanlink', 'payment_plan_links'),
    ('adjustment', 'adjustments'),
    ('statement', 'statements'),
    ('definition', 'definitions'),
    ('commlog', 'communications'),
    ('preference', 'preferences'),
] -%}
with mirrored as (

    select * from {{ ref('stg_opendental__row_counts') }}

),

staged as (

    {% for table, model in staged %}
        select
            '{{ table }}' as object,
            count(*) as row_count
        from {{ ref('stg_opendental__' ~ model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        'opendental' as source,
        mirrored.object,
        mirrored.row_count as read_rows,
        coalesce(staged.row_count, 0) as kept_rows,
        mirrored.deleted_count as set_aside_rows
    from mirrored
    left join staged on mirrored.object = staged.object

)

select * from final
