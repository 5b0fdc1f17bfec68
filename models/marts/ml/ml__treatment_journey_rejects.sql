-- grain: one row per procedure of the dates and statuses asked for that cannot be used
with checks as (

    select * from {{ ref('int_ml__journey_checks') }}

),

final as (

    select
        procedure_id,
        rejection_reason
    from checks
    where rejection_reason is not null

)

select * from final
