{%- set dimensions = {
    'all': "'all'", 'claim_month': 'cast(claim_month as ' ~ dbt.type_string() ~ ')',
    'diagnosis_chapter': 'diagnosis_chapter', 'specialty': 'specialty', 'region': 'region',
    'age_band': 'age_band', 'provider': 'provider_id'
} -%}
-- grain: one row per dimension, its value, status, first outcome and days to decide
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
        claims.provider_id,
        claims.diagnosis_chapter,
        claims.specialty,
        claims.region,
        claims.age_band,
        cast({{ dbt.date_trunc('month', 'claims.claim_date') }} as date) as claim_month,
        claims.status,
        claims.is_open,
        statuses.is_denied,
        case
            when claims.is_open then false
            else coalesce(decisions.is_paid_at_first, statuses.is_paid)
        end as is_paid_at_first,
        case
            when claims.is_open
                then {{ dbt.datediff('claims.claim_date', claims_as_of(), 'day') }}
            else {{ dbt.datediff('claims.claim_at', 'claims.adjudicated_at', 'day') }}
        end as day_count,
        claims.amount,
        claims.paid_amount
    from claims
    inner join statuses on claims.status = statuses.status
    left join decisions on claims.claim_key = decisions.claim_key

),

final as (

    {% for dimension, value in dimensions.items() %}
        {{ 'union all' if not loop.first }}
        select
            '{{ dimension }}' as dimension,
            {{ value }} as dimension_value,
            status,
            is_open,
            is_denied,
            is_paid_at_first,
            day_count,
            count(*) as claim_count,
            sum(amount) as amount,
            sum(paid_amount) as paid_amount
        from timed
        group by
            {{ value ~ ',' if dimension != 'all' }}
            status, is_open, is_denied, is_paid_at_first, day_count
    {% endfor %}
)

select * from final
