{%- set dimensions = {
    'all': "'all'", 'claim_month': 'cast(claim_month as ' ~ dbt.type_string() ~ ')',
    'diagnosis_chapter': 'diagnosis_chapter', 'specialty': 'specialty', 'region': 'region',
    'age_band': 'age_band', 'provider': 'provider_id',
} -%}
{%- set payer_dimensions = {'payer': 'payer', 'plan': "payer || ': ' || plan_name"} -%}
{%- set all_dimensions = (dimensions.items() | list) + (payer_dimensions.items() | list) -%}
-- grain: one row per system, payer or all, dimension, value, status, first outcome and days
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

decisions as (

    select * from {{ ref('int_claims__decisions') }}

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

timed as (

    select
        claims.source_system,
        claims.payer,
        claims.plan_name,
        claims.provider_id,
        claims.diagnosis_chapter,
        claims.specialty,
        claims.region,
        claims.age_band,
        cast({{ dbt.date_trunc('month', 'claims.claim_date') }} as date) as claim_month,
        claims.status,
        claims.is_open,
        claims.is_decided,
        statuses.is_denied,
        case
            when not claims.is_decided then false
            else coalesce(decisions.is_paid_at_first, statuses.is_paid)
        end as is_paid_at_first,
        case
            when claims.is_open
                then {{ dbt.datediff('claims.claim_date', claims_as_of(), 'day') }}
            when claims.is_decided
                then {{ dbt.datediff('claims.claim_at', 'claims.adjudicated_at', 'day') }}
        end as day_count,
        claims.amount,
        claims.paid_amount
    from claims
    inner join statuses on claims.status = statuses.status
    left join decisions on claims.claim_key = decisions.claim_key

),

-- One row if any claim has a payer, none if no claim has: then the cuts by payer cost nothing.
some_payer as (

    select count(*) as claim_count
    from claims
    where payer <> 'Unknown'
    having count(*) > 0

),

final as (

    {% for scope in ['all', 'payer'] %}
        {% set outer = loop %}
        {% set by_payer = scope == 'payer' %}
        {% for dimension, value in all_dimensions %}
            {% set needs_payer = by_payer or dimension in payer_dimensions %}
            {{ 'union all' if not (outer.first and loop.first) }}
            select
                source_system,
                {{ 'payer' if by_payer else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as payer,
                '{{ dimension }}' as dimension,
                {{ value }} as dimension_value,
                status,
                is_open,
                is_decided,
                is_denied,
                is_paid_at_first,
                day_count,
                count(*) as claim_count,
                sum(amount) as amount,
                sum(paid_amount) as paid_amount
            from timed
            {{ 'cross join some_payer' if needs_payer }}
            group by
                source_system, {{ 'payer,' if by_payer or dimension in payer_dimensions }}
                {{ 'plan_name,' if dimension == 'plan' }}
                {{ value ~ ',' if dimension not in ('all', 'payer', 'plan') }}
                status, is_open, is_decided, is_denied, is_paid_at_first, day_count
        {% endfor %}
    {% endfor %}
)

select * from final
