-- grain: one row per system, dimension, its value and month with covered members or claims
{% set of_members = ['region', 'age_band'] -%}
{% set of_claims = ['specialty', 'diagnosis_chapter'] -%}
with member_months as (

    select * from {{ ref('claims__member_months') }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

member_counts as (

    {% for dimension in of_members -%}
        select
            source_system,
            '{{ dimension }}' as dimension,
            {{ dimension }} as dimension_value,
            month,
            count(*) as member_months
        from member_months
        group by source_system, {{ dimension }}, month
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

everybody as (

    select
        source_system,
        month,
        count(*) as member_months
    from member_months
    group by source_system, month

),

costs as (

    {% for dimension in of_members + of_claims -%}
        select
            source_systems.member_system as source_system,
            '{{ dimension }}' as dimension,
            claims.{{ dimension }} as dimension_value,
            cast({{ dbt.date_trunc('month', 'claims.claim_date') }} as date) as month,
            count(*) as claim_count,
            sum(claims.amount) as amount,
            {{ claims_known_paid("claims.status = 'PAID'") }} as paid_amount
        from claims
        inner join source_systems on claims.source_system = source_systems.source_system
        group by
            source_systems.member_system,
            claims.{{ dimension }},
            cast({{ dbt.date_trunc('month', 'claims.claim_date') }} as date)
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

joined as (

    select
        coalesce(member_counts.source_system, costs.source_system) as source_system,
        coalesce(member_counts.dimension, costs.dimension) as dimension,
        coalesce(member_counts.dimension_value, costs.dimension_value) as dimension_value,
        coalesce(member_counts.month, costs.month) as month,
        member_counts.member_months,
        coalesce(costs.claim_count, 0) as claim_count,
        coalesce(costs.amount, 0) as amount,
        case when costs.month is null then 0 else costs.paid_amount end as paid_amount
    from member_counts
    full outer join costs
        on
            member_counts.source_system = costs.source_system
            and member_counts.dimension = costs.dimension
            and member_counts.dimension_value = costs.dimension_value
            and member_counts.month = costs.month

),

divided as (

    select
        joined.*,
        case
            when joined.dimension in ('specialty', 'diagnosis_chapter')
                then everybody.member_months
            else joined.member_months
        end as covered_months
    from joined
    left join everybody
        on joined.source_system = everybody.source_system and joined.month = everybody.month

),

final as (

    select
        source_system,
        dimension,
        dimension_value,
        month,
        {{ claims_is_over('month', 'month') }} as is_complete,
        cast(coalesce(covered_months, 0) as bigint) as member_months,
        cast(claim_count as bigint) as claim_count,
        cast(amount as decimal(18, 2)) as amount,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast({{ per_unit('amount', 'covered_months') }} as decimal(18, 2)) as pmpm_amount,
        cast({{ per_unit('paid_amount', 'covered_months') }} as decimal(18, 2))
            as pmpm_paid_amount
    from divided

)

select * from final
