-- grain: one row per fee schedule
with schedules as (

    select * from {{ ref('stg_opendental__fee_schedules') }}

),

kinds as (

    select * from {{ ref('opendental_codes') }}
    where code_set = 'FeeScheduleType'

),

fees as (

    select
        fee_schedule_id,
        count(*) as fee_count
    from {{ ref('stg_opendental__fees') }}
    where fee_amount is not null
    group by fee_schedule_id

),

final as (

    select
        schedules.fee_schedule_id,
        schedules.fee_schedule_name,
        kinds.code_name as fee_schedule_type,
        cast(coalesce(fees.fee_count, 0) as bigint) as fee_count,
        schedules.is_global,
        schedules.is_hidden
    from schedules
    left join kinds
        on cast(schedules.fee_schedule_type_code as {{ dbt.type_string() }}) = kinds.code
    left join fees on schedules.fee_schedule_id = fees.fee_schedule_id

)

select * from final
