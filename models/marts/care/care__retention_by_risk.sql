-- grain: one row per initial risk level and month since joining
with tenures as (

    select * from {{ ref('int_care__participant_tenures') }}

),

months as (

    {{ dbt.generate_series(var('retention_months') | int + 1) }}

),

risks as (

    select
        initial_risk_level,
        max(tenure_months) as longest_tenure_months
    from tenures
    group by initial_risk_level

),

counted as (

    select
        risks.initial_risk_level,
        months.generated_number - 1 as months_since_joining,
        sum(case when tenures.tenure_months >= months.generated_number - 1 then 1 else 0 end)
            as at_risk_count,
        sum(case
            when tenures.has_left and tenures.tenure_months = months.generated_number - 1 then 1
            else 0
        end) as left_count
    from risks
    inner join months on risks.longest_tenure_months >= months.generated_number - 1
    inner join tenures on risks.initial_risk_level = tenures.initial_risk_level
    group by risks.initial_risk_level, months.generated_number

),

shares as (

    -- the share that stays through each month; the product of them is the Kaplan-Meier estimate
    select
        *,
        case
            when at_risk_count > left_count then 1 - left_count * 1.0 / at_risk_count
        end as staying_share,
        min(at_risk_count - left_count) over (
            partition by initial_risk_level order by months_since_joining
            rows unbounded preceding
        ) as fewest_retained
    from counted

),

final as (

    select
        initial_risk_level,
        cast(months_since_joining as integer) as months_since_joining,
        cast(at_risk_count as bigint) as at_risk_count,
        cast(left_count as bigint) as left_count,
        cast(at_risk_count - left_count as bigint) as retained_count,
        cast(case
            when fewest_retained <= 0 then 0
            else exp(sum(ln(staying_share)) over (
                partition by initial_risk_level order by months_since_joining
                rows unbounded preceding
            ))
        end as decimal(6, 4)) as retention_rate
    from shares

)

select * from final
