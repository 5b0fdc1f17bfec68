-- Fails with one row per drop in which too many visits have a status that no alias knows.
-- It runs after the clinic's marts, so that quality's name the words also when it fails.
-- depends_on: {{ ref('clinic__daily_kpis') }}
with appointments as (

    select
        _drop_day,
        _load_id,
        is_unmapped,
        coalesce(abs(price_estimate_amount), 0) as price_amount
    from {{ ref('int_clinic__appointments') }}

),

drops as (

    select
        _drop_day,
        _load_id,
        count(*) as row_count,
        sum(case when is_unmapped then 1 else 0 end) as unmapped_count,
        sum(price_amount) as price_amount,
        sum(case when is_unmapped then price_amount else 0 end) as unmapped_amount
    from appointments
    group by _drop_day, _load_id

)

select * from drops
where
    unmapped_count > {{ var('clinic_rejected_rows_allowed') }}
    and (
        unmapped_count > row_count * {{ clinic_rejected_share_limit() }}
        or unmapped_amount > price_amount * {{ clinic_rejected_share_limit() }}
    )
