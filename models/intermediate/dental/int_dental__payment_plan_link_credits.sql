with links as (

    select * from {{ ref('int_dental__payment_plan_links') }}

),

adjustments as (

    select * from {{ ref('stg_opendental__adjustments') }}

),

claim_procedures as (

    select
        *,
        coalesce(live_estimate_override_amount, insurance_estimate_amount) + coalesce(
            write_off_estimate_override_amount, write_off_estimate_amount, 0
        ) as expected_amount
    from {{ ref('stg_opendental__claim_procedures') }}

),

splits as (

    select * from {{ ref('stg_opendental__payment_splits') }}
    where payment_plan_id is null

),

moves as (

    select
        links.payment_plan_link_id,
        links.item_amount as amount
    from links
    union all
    select
        links.payment_plan_link_id,
        adjustments.adjustment_amount as amount
    from links
    inner join adjustments
        on
            links.procedure_id = adjustments.procedure_id
            and links.patient_id = adjustments.patient_id
            and links.provider_id is not distinct from adjustments.provider_id
            and links.clinic_id is not distinct from adjustments.clinic_id
    union all
    select
        links.payment_plan_link_id,
        -case
            when claim_procedures.claim_procedure_status_code in (1, 4, 7)
                then claim_procedures.insurance_paid_amount + claim_procedures.write_off_amount
            else claim_procedures.expected_amount
        end as amount
    from links
    inner join claim_procedures on links.procedure_id = claim_procedures.procedure_id
    where claim_procedures.claim_procedure_status_code <> 2
    union all
    select
        links.payment_plan_link_id,
        -splits.split_amount as amount
    from links
    inner join splits on links.procedure_id = splits.procedure_id
    union all
    select
        links.payment_plan_link_id,
        -splits.split_amount as amount
    from links
    inner join splits on links.adjustment_id = splits.adjustment_id

),

remaining as (

    select
        payment_plan_link_id,
        sum(amount) as remaining_amount
    from moves
    group by payment_plan_link_id

),

final as (

    select
        links.payment_plan_link_id,
        links.payment_plan_id,
        links.patient_id,
        links.provider_id,
        links.clinic_id,
        links.procedure_id,
        links.linked_date,
        cast(
            case
                when links.override_amount <> 0 then links.override_amount
                else remaining.remaining_amount
            end as decimal(18, 2)
        ) as credit_amount
    from links
    inner join remaining on links.payment_plan_link_id = remaining.payment_plan_link_id

)

select * from final
