-- grain: one row per booked appointment of the list's day or later
with coming as (

    select * from {{ ref('int_clinic__coming_visits') }}

),

risks as (

    select * from {{ ref('int_clinic__no_show_risk') }}

),

patients as (

    select * from {{ ref('clinic__dim_patients') }}

),

physios as (

    select * from {{ ref('clinic__dim_physios') }}

),

weights as (

    select
        max(case when factor = 'new_patient' then weight end) as new_patient_weight,
        max(case when factor = 'risk' then weight end) as risk_weight,
        max(case when factor = 'missing_phone' then weight end) as missing_phone_weight,
        max(case when factor = 'missing_consent' then weight end) as missing_consent_weight,
        max(case when factor = 'early_or_late_slot' then weight end) as slot_weight,
        max(case when factor = 'new_patient' then reason end) as new_patient_reason,
        max(case when factor = 'risk' then reason end) as risk_reason,
        max(case when factor = 'missing_phone' then reason end) as missing_phone_reason,
        max(case when factor = 'missing_consent' then reason end) as missing_consent_reason,
        max(case when factor = 'early_or_late_slot' then reason end) as slot_reason
    from {{ ref('clinic_priority_weights') }}

),

reasons as (

    -- each reason that holds with ', ' before it, in the order of the seed
    select
        coming.appointment_id,
        case when coming.is_new_patient then ', ' || weights.new_patient_reason else '' end
        || case
            when risks.is_risk_reason
                then ', ' || weights.risk_reason || ' ' || risks.risk_bucket
            else ''
        end
        || case
            when patients.is_missing_phone then ', ' || weights.missing_phone_reason else ''
        end
        || case
            when patients.is_missing_consent then ', ' || weights.missing_consent_reason else ''
        end
        || case when coming.is_early_or_late then ', ' || weights.slot_reason else '' end
            as reason_list
    from coming
    inner join risks on coming.appointment_id = risks.appointment_id
    inner join patients on coming.patient_id = patients.patient_id
    cross join weights

),

prices as (

    select
        appointment_id,
        price_estimate_amount
    from {{ ref('int_clinic__appointments') }}

),

listed as (

    select
        coming.appointment_id,
        coming.patient_id,
        patients.patient_name,
        patients.phone,
        patients.email,
        patients.consent_form_received,
        coming.physio_id,
        physios.physio_name,
        coming.starts_at as appt_start,
        coming.ends_at as appt_end,
        coming.booked_at,
        coming.is_day_only,
        {% for name, moment in [('appt_start', 'starts_at'), ('appt_end', 'ends_at')] -%}
            case
                when coming.is_day_only
                    then cast(coming.appointment_date as {{ dbt.type_string() }})
                else {{ iso_text('coming.' ~ moment, 'coming.' ~ moment ~ '_utc') }}
            end as {{ name }}_text,
        {% endfor -%}
        {{ iso_text('coming.booked_at', 'coming.booked_at_utc') }} as booked_at_text,
        coming.appointment_date as day,
        coming.list_date,
        coming.is_new_patient,
        cast(coming.missed_90d as bigint) as missed_90d,
        cast(coming.visits_90d as bigint) as visits_90d,
        cast(coming.no_show_rate_90d as {{ type_double() }}) as no_show_rate_90d,
        risks.risk_score,
        risks.risk_bucket,
        risks.risk_source,
        risks.risk_reasons,
        cast(round(
            prices.price_estimate_amount * cast(risks.risk_score as decimal(28, 10))
            * case
                when
                    coming.appointment_date
                    >= {{ add_days('coming.list_date', var('clinic_refill_days')) }}
                    then 1
                else {{ var('clinic_refill_share_late') }}
            end,
            2
        ) as decimal(18, 2)) as call_value_amount,
        patients.is_missing_phone as missing_phone,
        patients.is_missing_consent as missing_consent,
        coming.is_early_or_late,
        cast(round(cast(
            case when coming.is_new_patient then weights.new_patient_weight else 0 end
            + weights.risk_weight * coalesce(risks.risk_score, 0)
            + case when patients.is_missing_phone then weights.missing_phone_weight else 0 end
            + case when patients.is_missing_consent then weights.missing_consent_weight else 0 end
            + case when coming.is_early_or_late then weights.slot_weight else 0 end
            as decimal(28, 10)
        ), 2) as {{ type_double() }}) as priority_score,
        coalesce(nullif(substring(reasons.reason_list, 3), ''), 'routine') as priority_reason
    from coming
    inner join risks on coming.appointment_id = risks.appointment_id
    inner join reasons on coming.appointment_id = reasons.appointment_id
    inner join patients on coming.patient_id = patients.patient_id
    left join prices on coming.appointment_id = prices.appointment_id
    left join physios on coming.physio_id = physios.physio_id
    cross join weights

),

final as (

    select
        *,
        cast(row_number() over (
            partition by day
            order by
                case when risk_source like 'model%' then call_value_amount end desc nulls last,
                priority_score desc nulls last,
                appt_start asc nulls last,
                appointment_id asc nulls last
        ) as bigint) as call_rank
    from listed

)

select * from final
