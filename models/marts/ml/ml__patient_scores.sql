-- grain: one row per patient of the dental practice and score
with patients as (

    select patient_id from {{ ref('stg_opendental__patients') }}
    where patient_status_code = 0

),

weights as (

    select * from {{ ref('ml_score_weights') }}

),

counts as (

    select * from {{ ref('int_ml__patient_counts') }}

),

bands as (

    select
        score_band,
        from_score,
        lead(from_score) over (order by from_score asc nulls last) as to_score
    from {{ ref('ml_score_bands') }}

),

practice as (

    select
        score_name,
        sum(hits) * 1.0 / nullif(sum(trials), 0) as practice_rate
    from counts
    group by score_name

),

single as (

    select
        patients.patient_id,
        weights.score_name,
        weights.engagement_weight,
        weights.words,
        coalesce(counts.hits, 0) as hits,
        coalesce(counts.trials, 0) as trials,
        practice.practice_rate,
        100 * (coalesce(counts.hits, 0) + {{ var('ml_prior_weight') }} * practice.practice_rate)
        / (coalesce(counts.trials, 0) + {{ var('ml_prior_weight') }}) as score
    from patients
    cross join weights
    inner join practice on weights.score_name = practice.score_name
    left join counts
        on patients.patient_id = counts.patient_id and weights.score_name = counts.score_name
    where practice.practice_rate is not null

),

scored as (

    select
        patient_id,
        score_name,
        cast(cast(hits as bigint) as {{ dbt.type_string() }}) || ' of '
        || cast(cast(trials as bigint) as {{ dbt.type_string() }}) || ' ' || words as inputs,
        trials,
        practice_rate,
        score
    from single
    union all
    select
        patient_id,
        'engagement' as score_name,
        'recall, appointments, visits and payment by the weights of seed ml_score_weights'
            as inputs,
        sum(case when engagement_weight > 0 then trials else 0 end) as trials,
        sum(engagement_weight * practice_rate) / nullif(sum(engagement_weight), 0)
            as practice_rate,
        sum(engagement_weight * score) / nullif(sum(engagement_weight), 0) as score
    from single
    group by patient_id

),

rounded as (

    select
        *,
        cast(round(cast(score as decimal(28, 10)), 2) as decimal(5, 2)) as kept_score
    from scored

),

final as (

    select
        rounded.patient_id,
        rounded.score_name,
        rounded.kept_score as score,
        bands.score_band,
        rounded.inputs,
        cast(rounded.trials as bigint) as observations,
        cast({{ var('ml_score_window_days') }} as bigint) as window_days,
        cast(round(cast(100 * rounded.practice_rate as decimal(28, 10)), 2) as decimal(5, 2))
            as practice_score
    from rounded
    left join bands
        on
            rounded.kept_score >= bands.from_score
            and (rounded.kept_score < bands.to_score or bands.to_score is null)

)

select * from final
