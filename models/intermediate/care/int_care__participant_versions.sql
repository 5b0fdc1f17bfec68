-- grain: one row per version of a participant known by the as-of day, codes read into words
with versions as (

    select * from {{ ref('history_care__participants') }}

),

withdrawals as (

    select
        _source_file,
        max(withdrawn_at) as withdrawn_at
    from {{ ref('stg_workbooks__withdrawals') }}
    group by _source_file

),

participants as (

    select * from {{ ref('int_care__participants') }}

),

dated as (

    select participant_id from {{ ref('int_care__interventions') }}
    union
    select participant_id from {{ ref('int_care__expenses') }}
    union
    select participant_id from {{ ref('int_care__assessments') }}
    union
    select participant_id from {{ ref('int_care__case_notes') }}

),

statuses as (

    {{ alias_lines('participant_status_aliases', ['status_name']) }}

),

risks as (

    {{ alias_lines('risk_level_aliases', ['risk_level']) }}

),

kept as (

    -- what a withdrawn file alone had said ended with the withdrawal
    select versions.*
    from versions
    left join withdrawals
        on
            versions._source_file = withdrawals._source_file
            and versions.valid_from < withdrawals.withdrawn_at
    where
        versions.valid_from < versions.valid_to
        and (
            withdrawals._source_file is null
            or versions.valid_to = cast('9999-12-31' as timestamp)
        )

),

states as (

    select
        participant_id,
        participant_name,
        age,
        joining_date,
        status_text,
        risk_text,
        valid_from,
        valid_to
    from kept
    union all
    -- who came and went between two builds
    select
        participants.participant_id,
        participants.participant_name,
        participants.age,
        participants.joining_date,
        participants.status_text,
        participants.risk_text,
        participants._extracted_at as valid_from,
        coalesce(participants.source_retired_at, cast('9999-12-31' as timestamp)) as valid_to
    from participants
    left join kept on participants.participant_id = kept.participant_id
    where kept.participant_id is null

),

numbered as (

    select
        *,
        min(valid_from) over (partition by participant_id) as first_valid_from,
        row_number() over (partition by participant_id order by valid_from asc nulls last)
            as version_number
    from states

),

known as (

    select numbered.*
    from numbered
    left join dated on numbered.participant_id = dated.participant_id
    where
        (numbered.version_number = 1 or cast(numbered.valid_from as date) <= {{ as_of() }})
        and (
            dated.participant_id is not null
            or {{ is_known(['numbered.joining_date'], landed='numbered.first_valid_from') }}
        )

),

final as (

    select
        {{ surrogate_key(['known.participant_id', 'known.version_number']) }} as participant_key,
        known.participant_id,
        known.version_number,
        known.participant_name,
        known.age,
        known.joining_date,
        coalesce(statuses.status_name, known.status_text) as current_status,
        coalesce(risks.risk_level, known.risk_text) as risk_level,
        case
            when known.version_number = 1 then cast('1900-01-01' as timestamp)
            else known.valid_from
        end as valid_from,
        case
            when cast(known.valid_to as date) <= {{ as_of() }} then known.valid_to
            else cast('9999-12-31' as timestamp)
        end as valid_to,
        coalesce(cast(known.valid_to as date) > {{ as_of() }}, true) as is_current,
        row_number() over (
            partition by known.participant_id order by known.version_number desc
        ) = 1 as is_latest
    from known
    left join statuses on {{ normalize_label('known.status_text') }} = statuses.label
    left join risks on {{ normalize_label('known.risk_text') }} = risks.label

)

select * from final
