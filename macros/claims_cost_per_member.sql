{#- A query of cost per member and month from a mart of member months, and from the claims: by the system
    that the members are of, so that hospitals that share the members at the top share the divisor. -#}
{% macro claims_cost_per_member(member_months, keys) -%}
    {%- set all_keys = ['source_system'] + keys + ['month'] -%}
with member_months as (

    select * from {{ ref(member_months) }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}
    {%- if 'payer' in keys %}
    where payer <> 'Unknown' or exists (select 1 from {{ ref(member_months) }})
    {%- endif %}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

completed as (

    select * from {{ ref('claims__ibnr_monthly') }}
    {%- if 'payer' not in keys %}
    where payer = 'All payers'
    {%- endif %}

),

covered as (

    select
        {{ all_keys | join(',\n        ') }},
        count(*) as member_months,
        sum(covered_days) as covered_days,
        max(days_in_month) as days_in_month
    from member_months
    group by {{ all_keys | join(', ') }}

),

monthly as (

    select
        source_system as claims_system,
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        cast({{ dbt.date_trunc('month', 'claim_date') }} as date) as month,
        count(*) as claim_count,
        sum(amount) as amount,
        {{ claims_known_paid("status = 'PAID'") }} as paid_amount
    from claims
    group by
        source_system,
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        cast({{ dbt.date_trunc('month', 'claim_date') }} as date)

),

claimed as (

    select
        source_systems.member_system as source_system,
        {%- for key in keys %}
        monthly.{{ key }},
        {%- endfor %}
        monthly.month,
        sum(monthly.claim_count) as claim_count,
        sum(monthly.amount) as amount,
        sum(monthly.paid_amount) as paid_amount,
        case
            when count(completed.completed_amount) = count(*) then sum(completed.completed_amount)
        end as completed_amount,
        min(case when completed.is_paid_mature then 1 else 0 end) = 1 as is_paid_mature
    from monthly
    inner join source_systems on monthly.claims_system = source_systems.source_system
    left join completed
        on
            monthly.claims_system = completed.source_system
            {%- for key in keys %}
            and monthly.{{ key }} = completed.{{ key }}
            {%- endfor %}
            and monthly.month = completed.claim_month
    group by
        source_systems.member_system,
        {%- for key in keys %}
        monthly.{{ key }},
        {%- endfor %}
        monthly.month

),

joined as (

    select
        {%- for key in all_keys %}
        coalesce(covered.{{ key }}, claimed.{{ key }}) as {{ key }},
        {%- endfor %}
        covered.member_months,
        round(cast(covered.covered_days * 1.0 / covered.days_in_month as decimal(28, 10)), 2)
            as full_member_months,
        coalesce(claimed.claim_count, 0) as claim_count,
        coalesce(claimed.amount, 0) as amount,
        case when claimed.month is null then 0 else claimed.paid_amount end as paid_amount,
        claimed.completed_amount,
        coalesce(claimed.is_paid_mature, false) as is_paid_mature
    from covered
    full outer join claimed
        on
            {%- for key in all_keys %}
            {{ 'and ' if not loop.first }}covered.{{ key }} = claimed.{{ key }}
            {%- endfor %}

),

final as (

    select
        {{ all_keys | join(',\n        ') }},
        {{ claims_is_over('month', 'month') }} as is_complete,
        is_paid_mature,
        cast(coalesce(member_months, 0) as bigint) as member_months,
        cast(coalesce(full_member_months, 0) as decimal(18, 2)) as full_member_months,
        cast(claim_count as bigint) as claim_count,
        cast(amount as decimal(18, 2)) as amount,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(completed_amount as decimal(18, 2)) as completed_amount,
        cast(round(cast(amount * 1.0 / member_months as decimal(28, 10)), 2) as decimal(18, 2))
            as pmpm_amount,
        cast(
            round(cast(paid_amount * 1.0 / member_months as decimal(28, 10)), 2) as decimal(18, 2)
        ) as pmpm_paid_amount,
        cast({{ per_unit('completed_amount', 'member_months') }} as decimal(18, 2))
            as pmpm_completed_amount
    from joined

)

select * from final
{%- endmacro %}
