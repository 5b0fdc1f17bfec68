{#- The acceptance rates over the measures of `acceptance_cohorts`; null until every plan of the month
    has had its whole horizon. -#}
{% macro acceptance_rates() -%}
    case when is_mature then {{ ratio('accepted_amount', 'presented_amount') }} end
        as acceptance_rate,
    case when is_mature then {{ ratio('accepted_amount', 'presented_with_deleted_amount') }} end
        as acceptance_rate_with_deleted,
    case
        when is_mature
            then {{ ratio(
                '(accepted_amount - same_day_amount)', '(presented_amount - same_day_amount)'
            ) }}
    end as acceptance_rate_without_same_day,
    case when is_mature then {{ ratio('case_accepted_amount', 'case_presented_amount') }} end
        as case_acceptance_rate,
    {{ rate_columns(
        'patient_acceptance_rate', 'accepted_patients',
        'case when is_mature then presented_patients end'
    ) }},
    {{ rate_columns(
        'patient_case_acceptance_rate', 'case_accepted_patients',
        'case when is_mature then case_presented_patients end'
    ) }},
    {{ is_small_sample('case_presented_patients') }} as is_small_sample
{%- endmacro %}
