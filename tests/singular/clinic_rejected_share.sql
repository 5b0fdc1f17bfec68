-- Fails with one row per rejected row of a drop that has too many of them. It runs after
-- the clinic's marts, so that quality's name the rows also when it fails.
-- depends_on: {{ ref('clinic__daily_kpis') }}
with row_outcomes as (

    select * from {{ ref('int_clinic__row_outcomes') }}

),

drops as (

    select
        _drop_day,
        _load_id,
        count(*) as row_count,
        sum(case when outcome = 'rejected' then 1 else 0 end) as rejected_count
    from row_outcomes
    group by _drop_day, _load_id

),

over_limit as (

    select * from drops
    where
        rejected_count > {{ var('clinic_rejected_rows_allowed') }}
        and rejected_count > row_count * {{ clinic_rejected_share_limit() }}

)

select
    row_outcomes._source_file,
    row_outcomes._source_row,
    row_outcomes.reason
from row_outcomes
inner join over_limit on row_outcomes._load_id = over_limit._load_id
where row_outcomes.outcome = 'rejected'
