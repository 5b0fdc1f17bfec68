-- grain: one row per month with covered members or claims
with member_months as (

    select * from {{ ref('claims__member_months') }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

covered as (

    select
        month,
        count(*) as member_months,
        sum(covered_days) as covered_days,
        max(days_in_month) as days_in_month
    from member_months
    group by month

),

claimed as (

    select
        cast({{ dbt.date_trunc('month', 'claim_date') }} as date) as month,
        count(*) as claim_count,
        sum(amount) as amount,
        coalesce(sum(paid_amount), 0) as paid_amount
    from claims
    group by cast({{ dbt.date_trunc('month', 'claim_date') }} as date)

),

joined as (

    select
        coalesce(covered.month, claimed.month) as month,
        coalesce(covered.member_months, 0) as member_months,
        round(covered.covered_days * 1.0 / covered.days_in_month, 2) as full_member_months,
        coalesce(claimed.claim_count, 0) as claim_count,
        coalesce(claimed.amount, 0) as amount,
        coalesce(claimed.paid_amount, 0) as paid_amount,
        round(claimed.amount * 1.0 / covered.member_months, 2) as pmpm_amount,
        round(claimed.paid_amount * 1.0 / covered.member_months, 2) as pmpm_paid_amount
    from covered
    full outer join claimed on covered.month = claimed.month

),

final as (

    select
        month,
        member_months,
        cast(coalesce(full_member_months, 0) as decimal(18, 2)) as full_member_months,
        claim_count,
        cast(amount as decimal(18, 2)) as amount,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(pmpm_amount as decimal(18, 2)) as pmpm_amount,
        cast(pmpm_paid_amount as decimal(18, 2)) as pmpm_paid_amount
    from joined

)

select * from final
