-- Fails with each band of a seed that leaves a gap to the next one, or overlaps it.
with bands as (

    select
        'claim_value_buckets' as seed_name,
        cast(from_amount as decimal(18, 2)) as band_from,
        cast(below_amount as decimal(18, 2)) as band_below
    from {{ ref('claim_value_buckets') }}
    union all
    select
        'age_bands' as seed_name,
        cast(from_age as decimal(18, 2)) as band_from,
        cast(below_age as decimal(18, 2)) as band_below
    from {{ ref('age_bands') }}
    union all
    select
        'claim_pending_bands' as seed_name,
        cast(from_days as decimal(18, 2)) as band_from,
        cast(below_days as decimal(18, 2)) as band_below
    from {{ ref('claim_pending_bands') }}

),

followed as (

    select
        *,
        lead(band_from) over (
            partition by seed_name order by band_from asc nulls first
        ) as next_from
    from bands

),

chapters as (

    select
        *,
        lead(from_category) over (order by from_category) as next_category
    from {{ ref('icd10_chapters') }}

)

select
    seed_name,
    cast(band_from as {{ dbt.type_string() }}) as band_from
from followed
where band_below is distinct from next_from or band_from >= band_below
union all
select
    'icd10_chapters' as seed_name,
    from_category as band_from
from chapters
where from_category > to_category or to_category >= next_category
