-- grain: one row per claim and rule that looks at the claim itself
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

member_versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

provider_versions as (

    select * from {{ ref('int_claims__provider_versions') }}

),

spans as (

    select * from {{ ref('int_claims__coverage_spans') }}
    where not is_inferred

),

told_spans as (

    select * from {{ ref('int_claims__told_spans') }}
    where payer is not null

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

known_members as (

    select member_id from member_versions
    group by member_id

),

known_providers as (

    select provider_id from provider_versions
    group by provider_id

),

insured_members as (

    select member_id from spans
    group by member_id

),

-- Where no file of members or providers has landed, nobody is known, and that says nothing.
coverage as (

    select
        (select count(*) from known_members) > 0 as has_members,
        (select count(*) from known_providers) > 0 as has_providers

),

-- A claim may be of any of the member's payers of that day.
payers_on_the_day as (

    select
        claims.claim_key,
        max(
            case
                when
                    lower(claims.payer) = lower(told_spans.payer)
                    and (
                        claims.plan_name = 'Unknown'
                        or told_spans.plan_name is null
                        or lower(claims.plan_name) = lower(told_spans.plan_name)
                    ) then 1
                else 0
            end
        ) as is_theirs
    from claims
    inner join told_spans
        on
            claims.member_id = told_spans.member_id
            and claims.claim_date >= told_spans.span_from
            and claims.claim_date < told_spans.span_to
    where claims.payer <> 'Unknown'
    group by claims.claim_key

),

joined as (

    select
        claims.claim_key,
        claims.amount,
        coalesce(claims.paid_amount, 0) as paid_amount,
        case when claims.is_open then claims.amount else coalesce(claims.paid_amount, 0) end
            as amount_at_stake,
        statuses.is_denied,
        cast(claims.adjudicated_at as date) < claims.claim_date as is_adjudicated_before,
        coverage.has_members and known_members.member_id is null as is_unknown_member,
        coverage.has_providers and known_providers.provider_id is null as is_unknown_provider,
        insured_members.member_id is not null and spans.member_id is null as is_outside_coverage,
        claims.is_open,
        coalesce(payers_on_the_day.is_theirs = 0, false) as is_other_payer,
        claims.shared_claim_number is not null as is_shared_id
    from claims
    inner join statuses on claims.status = statuses.status
    cross join coverage
    left join known_members on claims.member_id = known_members.member_id
    left join known_providers on claims.provider_id = known_providers.provider_id
    left join payers_on_the_day on claims.claim_key = payers_on_the_day.claim_key
    left join insured_members on claims.member_id = insured_members.member_id
    left join spans
        on
            claims.member_id = spans.member_id
            and claims.claim_date >= spans.span_from
            and claims.claim_date < spans.span_to

),

final as (

    {% for rule, condition, stake in [
        ('paid_over_claimed', 'paid_amount > amount', 'paid_amount - amount'),
        ('denied_but_paid', 'is_denied and paid_amount > 0', 'paid_amount'),
        ('pending_but_paid', 'is_open and paid_amount > 0', 'paid_amount'),
        ('payer_not_of_coverage', 'is_other_payer', 'amount_at_stake'),
        ('adjudicated_before_claim', 'is_adjudicated_before', 'amount_at_stake'),
        ('unknown_member', 'is_unknown_member', 'amount_at_stake'),
        ('unknown_provider', 'is_unknown_provider', 'amount_at_stake'),
        ('outside_coverage', 'is_outside_coverage', 'amount_at_stake'),
        ('shared_claim_id', 'is_shared_id', 'amount_at_stake'),
    ] %}
        {{ 'union all' if not loop.first }}
        select
            claim_key,
            '{{ rule }}' as rule_code,
            {{ stake }} as amount_at_stake
        from joined
        where {{ condition }}
    {% endfor %}
)

select * from final
