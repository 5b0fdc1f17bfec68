-- grain: one row per month in which the number of active patients may change
with patient_months as (

    select
        patient_id,
        cast(date_trunc('month', day) as date) as month
    from {{ ref('int_dental__patient_days') }}
    group by patient_id, cast(date_trunc('month', day) as date)

),

followed as (

    select
        patient_id,
        month,
        cast(month + interval '{{ var("dental_active_months") }} months' as date) as lapses_month,
        lead(month) over (partition by patient_id order by month asc nulls last) as next_month
    from patient_months

),

changes as (

    select
        month,
        1 as change
    from followed
    union all
    select
        case when next_month < lapses_month then next_month else lapses_month end as month,
        -1 as change
    from followed

),

monthly as (

    select
        month,
        sum(change) as change
    from changes
    group by month

),

final as (

    select
        month,
        cast(sum(change) over (
            order by month asc nulls last rows between unbounded preceding and current row
        ) as bigint) as active_patients,
        lead(month) over (order by month asc nulls last) as next_month
    from monthly

)

select * from final
