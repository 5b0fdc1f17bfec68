-- grain: one row per patient and day on which treatment was completed
with treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed and not is_utility and patient_id is not null

),

final as (

    select
        patient_id,
        procedure_date as day,
        max(case when is_hygiene then 1 else 0 end) = 1 as is_hygiene_visit,
        max(case when is_periodontal then 1 else 0 end) = 1 as is_periodontal_visit,
        cast(count(*) as bigint) as procedure_count,
        cast(sum(fee_amount) as decimal(18, 2)) as production_amount
    from treatments
    group by patient_id, procedure_date

)

select * from final
