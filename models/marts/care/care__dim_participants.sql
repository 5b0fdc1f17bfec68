-- grain: one row per version of a participant
with versions as (

    select * from {{ ref('int_care__participant_versions') }}

),

final as (

    select
        participant_key,
        participant_id,
        participant_name,
        age,
        joining_date,
        current_status,
        risk_level,
        valid_from,
        valid_to,
        is_current
    from versions

)

select * from final
