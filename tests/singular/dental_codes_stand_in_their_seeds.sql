{#- seed, column, code: every code that the dental SQL names. Add a line with the code. -#}
{%- set codes = [
    ('opendental_procedure_statuses', 'procedure_status_code', '1'),
    ('opendental_procedure_statuses', 'procedure_status_code', '2'),
    ('opendental_claim_procedure_statuses', 'claim_procedure_status_code', '0'),
    ('opendental_claim_procedure_statuses', 'claim_procedure_status_code', '1'),
    ('opendental_claim_procedure_statuses', 'claim_procedure_status_code', '2'),
    ('opendental_claim_procedure_statuses', 'claim_procedure_status_code', '4'),
    ('opendental_claim_procedure_statuses', 'claim_procedure_status_code', '7'),
    ('opendental_settings', 'setting_name', 'payment_plan_version'),
    ('opendental_settings', 'setting_name', 'write_off_mode'),
    ('opendental_settings', 'setting_name', 'does_scheduled_subtract_write_offs'),
    ('opendental_settings', 'setting_name', 'payment_plan_advance_days'),
    ('opendental_settings', 'setting_name', 'last_aging_date'),
] -%}
{%- set named = [
    ('PayPlanChargeType', '0'), ('PayPlanChargeType', '1'), ('PayPlanLinkType', '1'),
    ('PayPlanLinkType', '2'), ('DynamicPayPlanTPOptions', '1'), ('PayPlanVersions', '1'),
    ('PayPlanVersions', '2'), ('PayPlanVersions', '3'), ('PayPlanVersions', '4'),
    ('ClaimType', 'PreAuth'), ('ClaimTrackingType', 'StatusHistory')
] -%}
with counted as (

    {% for seed, column, code in codes %}
        select
            '{{ seed }}' as seed,
            '{{ code }}' as code,
            count(*) as line_count
        from {{ ref(seed) }}
        where cast({{ column }} as {{ dbt.type_string() }}) = '{{ code }}'
        union all
    {% endfor %}
    {% for code_set, code in named %}
        select
            '{{ code_set }}' as seed,
            '{{ code }}' as code,
            count(*) as line_count
        from {{ ref('opendental_codes') }}
        where code_set = '{{ code_set }}' and code = '{{ code }}'
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from counted
where line_count <> 1
