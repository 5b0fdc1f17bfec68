{#- staging model, column, code set: every coded column that a mart reads. -#}
{%- set coded = [
    ('appointments', 'appointment_priority_code', 'ApptPriority'),
    ('appointment_events', 'appointment_action_code', 'HistAppointmentAction'),
    ('benefits', 'benefit_type_code', 'InsBenefitType'),
    ('benefits', 'time_period_code', 'BenefitTimePeriod'),
    ('benefits', 'quantity_qualifier_code', 'BenefitQuantity'),
    ('benefits', 'coverage_level_code', 'BenefitCoverageLevel'),
    ('benefit_categories', 'electronic_benefit_category_code', 'EbenefitCategory'),
    ('claims', 'claim_type_code', 'ClaimType'),
    ('claims', 'medical_type_code', 'EnumClaimMedType'),
    ('claim_tracking', 'tracking_type_code', 'ClaimTrackingType'),
    ('code_groups', 'fixed_code_group_code', 'EnumCodeGroupFixed'),
    ('communications', 'communication_mode_code', 'CommItemMode'),
    ('definitions', 'category_code', 'DefCat'),
    ('fee_schedules', 'fee_schedule_type_code', 'FeeScheduleType'),
    ('insurance_plans', 'plan_type_code', 'PlanType'),
    ('patients', 'patient_status_code', 'PatientStatus'),
    ('patients', 'gender_code', 'PatientGender'),
    ('patient_links', 'patient_link_type_code', 'PatientLinkType'),
    ('patient_plans', 'relationship_code', 'Relat'),
    ('payment_plan_charges', 'payment_plan_charge_type_code', 'PayPlanChargeType'),
    ('payment_plan_links', 'payment_plan_link_type_code', 'PayPlanLinkType'),
    ('payment_plans', 'planned_treatment_option_code', 'DynamicPayPlanTPOptions'),
    ('providers', 'provider_status_code', 'ProviderStatus'),
    ('recalls', 'recall_priority_code', 'RecallPriority'),
    ('referral_attachments', 'referral_type_code', 'ReferralType'),
    ('schedules', 'schedule_type_code', 'ScheduleType'),
    ('schedules', 'schedule_status_code', 'SchedStatus'),
    ('treatment_plans', 'treatment_plan_status_code', 'TreatPlanStatus'),
] -%}
{#- staging model, column, seed: codes whose seed says what a row counts for. -#}
{%- set seeded = [
    ('appointments', 'appointment_status_code', 'opendental_appointment_statuses'),
    ('claim_procedures', 'claim_procedure_status_code', 'opendental_claim_procedure_statuses'),
    ('claims', 'claim_status_code', 'opendental_claim_statuses'),
    ('procedures', 'procedure_status_code', 'opendental_procedure_statuses'),
] -%}
with codes as (

    select
        code_set,
        code
    from {{ ref('opendental_codes') }}
    {% for model, column, seed in seeded %}
        union all
        select
            '{{ seed }}' as code_set,
            cast({{ column }} as {{ dbt.type_string() }}) as code
        from {{ ref(seed) }}
    {% endfor %}

),

met as (

    {% for model, column, code_set in coded + seeded %}
        select
            '{{ model }}.{{ column }}' as field,
            '{{ code_set }}' as code_set,
            cast({{ column }} as {{ dbt.type_string() }}) as value_text,
            count(*) as value_count
        from {{ ref('stg_opendental__' ~ model) }}
        where {{ column }} is not null
        group by {{ column }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        'opendental' as source,
        met.field,
        met.value_text,
        met.value_count
    from met
    left join codes on met.code_set = codes.code_set and met.value_text = codes.code
    where codes.code is null

)

select * from final
