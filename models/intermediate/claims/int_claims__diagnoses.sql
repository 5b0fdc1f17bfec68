-- grain: one row per diagnosis code met, with its category and chapter
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

chapters as (

    select * from {{ ref('icd10_chapters') }}

),

codes as (

    select
        diagnosis_code,
        case
            when {{ regex_matches('diagnosis_code', '^[A-Z][0-9][0-9A-Z]([.]?[0-9A-Z]{0,5})$') }}
                then left(diagnosis_code, 3)
        end as diagnosis_category
    from claim_rows
    where diagnosis_code is not null
    group by diagnosis_code

),

final as (

    select
        codes.diagnosis_code,
        codes.diagnosis_category,
        chapters.chapter_number as diagnosis_chapter_number,
        chapters.chapter_name as diagnosis_chapter
    from codes
    left join chapters
        on codes.diagnosis_category between chapters.from_category and chapters.to_category

)

select * from final
