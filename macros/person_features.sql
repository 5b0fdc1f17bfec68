{#- Columns of what was known of a dental patient, by group, from a relation called patient_days.
    Rates are drawn toward a belief of their own when few, so that one visit does not say everything. -#}
{% macro person_features(groups) -%}
    {%- set columns = {
        'broken': [
            ['cast(patient_days.broken as bigint)', 'earlier_broken'],
            [whole('patient_days.days_since_broken'), 'days_since_broken']
        ],
        'kept_rate': [[broken_rate(), 'broken_rate']],
        'household_broken': [[
            shrunk_rate('patient_days.household_broken', '(patient_days.household_broken + patient_days.household_kept)', 0.15),
            'household_broken_rate'
        ]],
        'visits': [
            [whole('patient_days.kept + patient_days.broken'), 'earlier_appointments'],
            [whole('patient_days.done'), 'earlier_procedures'],
            [whole('patient_days.days_since_first_visit'), 'days_since_first_visit'],
            [whole('patient_days.days_since_last_visit'), 'days_since_last_visit']
        ],
        'balance': [[whole('patient_days.balance'), 'balance_before']],
        'acceptance': [
            [whole('patient_days.presented'), 'earlier_presented'],
            [acceptance_rate(), 'acceptance_rate']
        ],
        'household_acceptance': [[
            shrunk_rate('patient_days.household_accepted', 'patient_days.household_presented', 0.5),
            'household_acceptance_rate'
        ]],
        'paid': [[whole('patient_days.due'), 'earlier_due'], [paid_rate(), 'paid_rate']],
        'household_paid': [[
            shrunk_rate('patient_days.household_paid', 'patient_days.household_due', 0.5),
            'household_paid_rate'
        ]],
        'needs': [
            [whole('patient_days.needs'), 'earlier_needs'],
            [whole('patient_days.days_since_need'), 'days_since_need']
        ],
        'household_needs': [[whole('patient_days.household_needs'), 'household_needs']],
        'hygiene': [
            [whole('patient_days.hygiene'), 'earlier_hygiene'],
            [whole('patient_days.days_since_hygiene'), 'days_since_hygiene']
        ]
    } -%}
    {%- for group in groups -%}
        {%- set is_last_group = loop.last -%}
        {%- for sql, name in columns[group] -%}
        {{ sql }} as {{ name }}{{ ',\n        ' if not (is_last_group and loop.last) }}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{% macro whole(value) -%} cast(round({{ value }}) as bigint) {%- endmacro %}

{#- Hits in trials, drawn toward a belief that is worth var ml_prior_weight trials; three decimals. Trap:
    a half of the last one is told right by way of a decimal only, and engines divide decimals to
    different lengths. -#}
{% macro shrunk_rate(hits, trials, belief) -%}
    cast(cast(
        ({{ hits }} + {{ var('ml_prior_weight') }} * {{ belief }}) * 1.0e0
        / ({{ trials }} + {{ var('ml_prior_weight') }}) as decimal(28, 10)
    ) as decimal(9, 3))
{%- endmacro %}

{% macro broken_rate() -%}
    {{ shrunk_rate('patient_days.broken', '(patient_days.broken + patient_days.kept)', 0.15) }}
{%- endmacro %}

{% macro acceptance_rate() -%}
    {{ shrunk_rate('patient_days.accepted', 'patient_days.presented', 0.5) }}
{%- endmacro %}

{% macro paid_rate() -%}
    {{ shrunk_rate('patient_days.paid', 'patient_days.due', 0.5) }}
{%- endmacro %}

{% macro need_rate() -%}
    {{ shrunk_rate('patient_days.needs', '(patient_days.kept + patient_days.broken)', 0.3) }}
{%- endmacro %}
