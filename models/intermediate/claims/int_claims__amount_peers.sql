-- grain: one row per specialty and diagnosis category: what its amounts are like
with claims as (

    select * from {{ ref('int_claims__claims') }}
    where amount > 0 and diagnosis_category is not null

),

logged as (

    select
        specialty,
        diagnosis_category,
        ln(cast(amount as {{ type_double() }})) as log_amount
    from claims

),

middles as (

    select
        specialty,
        diagnosis_category,
        count(*) as peer_count,
        percentile_cont(0.5) within group (order by log_amount) as median_log_amount
    from logged
    group by specialty, diagnosis_category

),

final as (

    select
        middles.specialty,
        middles.diagnosis_category,
        middles.peer_count,
        middles.median_log_amount,
        percentile_cont(0.5) within group (
            order by abs(logged.log_amount - middles.median_log_amount)
        ) as log_amount_mad
    from logged
    inner join middles
        on
            logged.specialty = middles.specialty
            and logged.diagnosis_category = middles.diagnosis_category
    group by
        middles.specialty,
        middles.diagnosis_category,
        middles.peer_count,
        middles.median_log_amount

)

select * from final
