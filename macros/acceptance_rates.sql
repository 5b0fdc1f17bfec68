{#- The four acceptance rates over the measures of `acceptance_cohorts`; null until every plan of the
    month has had its whole horizon. -#}
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
    case when is_mature then {{ ratio('accepted_patients', 'presented_patients') }} end
        as patient_acceptance_rate
{%- endmacro %}
