-- grain: one row per risk level at the first extract and completed month since joining
with tenures as (

    select * from {{ ref('int_care__participant_tenures') }}

),

months as (

    {{ dbt.generate_series(var('retention_months') | int + 1) }}

),

reached as (

    -- a month counts when it is over for the participant, of who left in it too
    select
        tenures.*,
        months.generated_number - 1 as months_since_joining,
        tenures.tenure_months = months.generated_number - 1 as has_ended
    from tenures
    inner join months on tenures.tenure_months >= months.generated_number - 1
    where tenures.followed_months > months.generated_number - 1

),

counted as (

    select
        first_extract_risk_level,
        months_since_joining,
        sum(case when has_left or not has_ended then 1 else 0 end) as at_risk_count,
        sum(case when has_left and has_ended then 1 else 0 end) as left_count,
        sum(case when has_completed and has_ended then 1 else 0 end) as planned_exit_count,
        sum(case when has_ended and not has_left and not has_completed then 1 else 0 end)
            as censored_count
    from reached
    group by first_extract_risk_level, months_since_joining

),

products as (

    -- the product of the shares that stay is the Kaplan-Meier estimate, its variance Greenwood's
    select
        *,
        min(case when at_risk_count > 0 then at_risk_count - left_count end) over (
            partition by first_extract_risk_level order by months_since_joining
            rows unbounded preceding
        ) as fewest_retained,
        exp(sum(case
            when at_risk_count > left_count then ln(1 - left_count * 1.0 / at_risk_count)
        end) over (
            partition by first_extract_risk_level order by months_since_joining
            rows unbounded preceding
        )) as product,
        sum(case
            when at_risk_count > left_count
                then left_count * 1.0 / (at_risk_count * (at_risk_count - left_count))
        end) over (
            partition by first_extract_risk_level order by months_since_joining
            rows unbounded preceding
        ) as variance_sum
    from counted

),

estimated as (

    -- So many participants, all followed, would know the share as well as those at risk do. Engines
    -- differ in the last digit of a double: a millionth is enough.
    select
        *,
        case when fewest_retained = 0 then 0 else product end as estimate,
        case
            when fewest_retained = 0 or variance_sum = 0 then nullif(at_risk_count, 0)
            else cast((1 - product) / (product * variance_sum) as decimal(28, 6))
        end as effective_participants
    from products

),

final as (

    select
        first_extract_risk_level,
        cast(months_since_joining as integer) as months_since_joining,
        cast(at_risk_count as bigint) as at_risk_count,
        cast(left_count as bigint) as left_count,
        cast(planned_exit_count as bigint) as planned_exit_count,
        cast(censored_count as bigint) as censored_count,
        cast(at_risk_count - left_count as bigint) as retained_count,
        {{ rate_columns('month_retention_rate', 'at_risk_count - left_count', 'at_risk_count') }},
        cast(effective_participants as {{ type_double() }}) as effective_participants,
        cast(estimate * effective_participants as {{ type_double() }}) as effective_retained,
        {{ rate_columns(
            'retention_rate', 'estimate * effective_participants', 'effective_participants'
        ) }},
        {{ is_small_sample('least(at_risk_count, effective_participants)') }} as is_small_sample
    from estimated

)

select * from final
