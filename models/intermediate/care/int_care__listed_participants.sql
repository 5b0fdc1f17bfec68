-- grain: one row per participant whom a file that is there names
with participants as (

    select * from {{ ref('int_care__participants') }}

),

final as (

    select
        participant_id,
        participant_name,
        age,
        joining_date,
        status_text,
        risk_text,
        _source_file,
        _extracted_at
    from participants
    where source_retired_at is null

)

select * from final
