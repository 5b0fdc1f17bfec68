{#- Codes that the insight models name literally: set and value. -#}
{%- set named_codes = [
    ('ApptPriority', 1), ('RecallPriority', 1), ('PatientStatus', 0), ('PatientLinkType', 1),
    ('ProviderStatus', 0), ('ReferralType', 1), ('HistAppointmentAction', 2),
    ('HistAppointmentAction', 3), ('ScheduleType', 1), ('SchedStatus', 0), ('InsBenefitType', 5),
    ('BenefitTimePeriod', 1), ('BenefitTimePeriod', 2), ('BenefitCoverageLevel', 2),
    ('BenefitQuantity', 0), ('EbenefitCategory', 0), ('EbenefitCategory', 1), ('DefCat', 1),
    ('DefCat', 27), ('DefCat', 29),
] %}
with categories as (

    select
        'dental_procedure_categories' as seed,
        from_code as place,
        to_code as upper_edge,
        lead(from_code) over (order by from_code asc nulls last) as next_edge
    from {{ ref('dental_procedure_categories') }}

),

age_bands as (

    select
        from_age,
        to_age,
        lead(from_age) over (order by from_age asc nulls last) as next_age,
        min(from_age) over () as lowest_age
    from {{ ref('dental_age_bands') }}

),

kinds as (

    select
        sum(case when kind = 'missed_appointment' then 1 else 0 end) as missed_rules,
        sum(case when kind = 'cancelled_appointment' then 1 else 0 end) as cancelled_rules
    from {{ ref('dental_utility_code_rules') }}

),

statuses as (

    select count(*) as planned_status from {{ ref('opendental_procedure_statuses') }}
    where procedure_status_code = 1 and is_planned

),

line_statuses as (

    select
        sum(case
            when
                (claim_procedure_status_code in (1, 4) and is_received)
                or (claim_procedure_status_code = 0 and is_pending)
                or (claim_procedure_status_code = 7 and is_capitation_write_off)
                or (claim_procedure_status_code = 6 and is_estimate)
                or (claim_procedure_status_code = 8 and is_capitation_estimate)
                then 1
            else 0
        end) as known_statuses
    from {{ ref('opendental_claim_procedure_statuses') }}

),

named_codes as (

    {% for code_set, code in named_codes %}
        select
            '{{ code_set }}' as code_set,
            '{{ code }}' as code
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

missing_codes as (

    select
        named_codes.code_set,
        named_codes.code
    from named_codes
    left join {{ ref('opendental_codes') }} as codes
        on
            named_codes.code_set = codes.code_set
            and named_codes.code = codes.code
    where codes.code is null

)

select
    seed,
    place
from categories
where place > upper_edge or upper_edge >= next_edge
union all
select
    'dental_age_bands' as seed,
    cast(from_age as {{ dbt.type_string() }}) as place
from age_bands
where from_age >= to_age or to_age <> next_age or lowest_age <> 0
union all
select
    'dental_utility_code_rules' as seed,
    'missed_appointment or cancelled_appointment' as place
from kinds
where coalesce(missed_rules, 0) = 0 or coalesce(cancelled_rules, 0) = 0
union all
select
    'opendental_procedure_statuses' as seed,
    '1' as place
from statuses
where coalesce(planned_status, 0) <> 1
union all
select
    'opendental_claim_procedure_statuses' as seed,
    'a status of 0, 1, 4, 6, 7 or 8' as place
from line_statuses
where coalesce(known_statuses, 0) <> 6
union all
select
    'opendental_codes' as seed,
    code_set || ' ' || code as place
from missing_codes
