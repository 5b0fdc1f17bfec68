-- grain: one row per participant and assessment type with a dated sitting
with scores as (

    select
        *,
        coalesce({{ normalize_label('domain') }}, domain) as question
    from {{ ref('care__fact_assessments') }}
    where assessment_date is not null and participant_id is not null

),

directions as (

    select
        assessment_type,
        min(better_when) as better_when
    from {{ ref('assessment_types') }}
    group by assessment_type

),

answers as (

    -- a question on two tabs of one day is one answer
    select
        participant_id,
        assessment_type,
        assessment_date,
        question,
        avg(score) as score
    from scores
    group by participant_id, assessment_type, assessment_date, question

),

sittings as (

    select
        participant_id,
        assessment_type,
        assessment_date,
        {{ dbt.listagg('question', "'|'", 'order by question') }} as questions,
        count(*) as question_count,
        sum(score) as total_score
    from answers
    group by participant_id, assessment_type, assessment_date

),

ranked as (

    select
        *,
        count(*) over (partition by participant_id, assessment_type, questions)
            as same_questions_count,
        row_number() over (
            partition by participant_id, assessment_type, questions
            order by assessment_date asc nulls last
        ) as rank_from_first,
        row_number() over (
            partition by participant_id, assessment_type, questions
            order by assessment_date desc nulls last
        ) as rank_from_latest,
        max(assessment_date) over (partition by participant_id, assessment_type, questions)
            as latest_date
    from sittings

),

compared as (

    -- of the sets of questions asked twice, the one asked last
    select
        participant_id,
        assessment_type,
        questions,
        max(question_count) as question_count,
        max(case when rank_from_first = 1 then assessment_date end) as first_date,
        max(latest_date) as latest_date,
        max(case when rank_from_first = 1 then total_score end) as first_total_score,
        max(case when rank_from_latest = 1 then total_score end) as latest_total_score,
        row_number() over (
            partition by participant_id, assessment_type
            order by max(latest_date) desc nulls last, questions asc
        ) as set_rank
    from ranked
    where same_questions_count > 1
    group by participant_id, assessment_type, questions

),

people as (

    select
        participant_id,
        assessment_type,
        count(*) as sitting_count
    from sittings
    group by participant_id, assessment_type

),

final as (

    select
        people.participant_id,
        people.assessment_type,
        cast(people.sitting_count as bigint) as sitting_count,
        compared.participant_id is not null as is_compared,
        cast(compared.question_count as bigint) as question_count,
        compared.first_date,
        compared.latest_date,
        cast(compared.first_total_score as decimal(14, 2)) as first_total_score,
        cast(compared.latest_total_score as decimal(14, 2)) as latest_total_score,
        cast(compared.latest_total_score - compared.first_total_score as decimal(14, 2))
            as score_change,
        directions.better_when,
        cast(case directions.better_when
            when 'lower' then compared.first_total_score - compared.latest_total_score
            when 'higher' then compared.latest_total_score - compared.first_total_score
        end as decimal(14, 2)) as improvement
    from people
    left join directions on people.assessment_type = directions.assessment_type
    left join compared
        on
            people.participant_id = compared.participant_id
            and people.assessment_type = compared.assessment_type
            and compared.set_rank = 1

)

select * from final
