-- grain: one row per version of a participant, codes read into words
with versions as (

    select * from {{ ref('history_care__participants') }}

),

statuses as (

    {{ alias_lines('participant_status_aliases', ['status_name']) }}

),

risks as (

    {{ alias_lines('risk_level_aliases', ['risk_level']) }}

),

lasting as (

    select
        *,
        row_number() over (partition by participant_id order by valid_from asc nulls last)
            as version_number
    from versions
    where valid_from < valid_to

),

final as (

    select
        {{ surrogate_key(['lasting.participant_id', 'lasting.version_number']) }}
            as participant_key,
        lasting.participant_id,
        lasting.participant_name,
        lasting.age,
        lasting.joining_date,
        coalesce(statuses.status_name, lasting.status_text) as current_status,
        coalesce(risks.risk_level, lasting.risk_text) as risk_level,
        case
            when lasting.version_number = 1 then cast('1900-01-01' as timestamp)
            else lasting.valid_from
        end as valid_from,
        lasting.valid_to,
        lasting.valid_to = cast('9999-12-31' as timestamp) as is_current
    from lasting
    left join statuses on {{ normalize_label('lasting.status_text') }} = statuses.label
    left join risks on {{ normalize_label('lasting.risk_text') }} = risks.label

)

select * from final
