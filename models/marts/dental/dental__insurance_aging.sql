-- grain: one row per family account that expects insurance money or has a balance
{%- set buckets = ['0_30', '31_60', '61_90', 'over_90'] %}
with claim_procedures as (

    select
        *,
        {{ aging_bucket('service_date') }} as bucket
    from {{ ref('dental__fact_claim_procedures') }}
    where
        is_pending
        or (claim_procedure_status_code = 1 and payment_date > {{ as_of() }})

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

aging as (

    select * from {{ ref('dental__accounts_receivable_aging') }}

),

expected as (

    select
        patients.guarantor_id,
        {% for bucket in buckets %}
            sum(
                case
                    when claim_procedures.bucket = '{{ bucket }}'
                        then claim_procedures.insurance_estimate_amount
                    else 0
                end
            ) as insurance_{{ bucket }},
        {% endfor %}
        sum(claim_procedures.insurance_estimate_amount) as insurance_total
    from claim_procedures
    inner join patients on claim_procedures.patient_id = patients.patient_id
    where claim_procedures.bucket is not null
    group by patients.guarantor_id

),

final as (

    select
        coalesce(aging.guarantor_id, expected.guarantor_id) as guarantor_id,
        {{ as_of() }} as as_of_date,
        {% for bucket in buckets %}
            cast(coalesce(expected.insurance_{{ bucket }}, 0) as decimal(18, 2))
                as insurance_{{ bucket }},
        {% endfor %}
        cast(coalesce(expected.insurance_total, 0) as decimal(18, 2)) as insurance_total,
        {% for bucket in buckets %}
            cast(
                coalesce(aging.balance_{{ bucket }}, 0)
                - coalesce(expected.insurance_{{ bucket }}, 0) as decimal(18, 2)
            ) as patient_{{ bucket }},
        {% endfor %}
        cast(
            coalesce(aging.balance_total, 0) - coalesce(expected.insurance_total, 0)
            as decimal(18, 2)
        ) as patient_total,
        cast(coalesce(aging.write_off_estimate, 0) as decimal(18, 2)) as write_off_estimate,
        cast(
            coalesce(aging.balance_total, 0) - coalesce(expected.insurance_total, 0)
            - coalesce(aging.write_off_estimate, 0) as decimal(18, 2)
        ) as patient_portion
    from aging
    full outer join expected on aging.guarantor_id = expected.guarantor_id

)

select * from final
