-- grain: one row per day, provider and clinic with a mark of a broken appointment by any method
with marks as (

    select * from {{ ref('int_dental__broken_marks') }}

),

final as (

    select
        day,
        {{ is_over('day', 'day') }} as is_complete,
        provider_id,
        clinic_id,
        cast(sum(case when method = 'procedure' then 1 else 0 end) as bigint)
            as broken_by_procedure,
        cast(sum(case
            when method = 'procedure' and mark_kind = 'missed_appointment' then 1 else 0
        end) as bigint) as missed_by_procedure,
        cast(sum(case
            when method = 'procedure' and mark_kind = 'cancelled_appointment' then 1 else 0
        end) as bigint) as cancelled_by_procedure,
        cast(sum(case when method = 'adjustment' then 1 else 0 end) as bigint)
            as broken_by_adjustment,
        cast(sum(adjustment_amount) as decimal(18, 2)) as broken_fee_amount,
        cast(sum(case when method = 'status' then 1 else 0 end) as bigint) as broken_by_status,
        cast(sum(case
            when method = 'status' and mark_kind = 'missed' then 1 else 0
        end) as bigint) as missed_by_status,
        cast(sum(case
            when method = 'status' and mark_kind = 'cancelled' then 1 else 0
        end) as bigint) as cancelled_by_status
    from marks
    group by day, provider_id, clinic_id

)

select * from final
