-- grain: one row per claim of which one row does not say everything, and moment of telling
with told_rows as (

    select * from {{ ref('int_claims__told_rows') }}

),

reversals as (

    select * from {{ ref('int_claims__reversals') }}

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

moments as (

    select
        told_rows.claim_key,
        told_rows.ingested_at,
        max(case when told_rows.is_taken_back then 1 else 0 end) as is_taken_back,
        count(*) as row_count,
        sum(case when told_rows.is_told and told_rows.row_action is null then 1 else 0 end)
            as line_count,
        sum(case when told_rows.is_told and told_rows.row_action = 'replacement' then 1 else 0 end)
            as replacement_count,
        sum(case when told_rows.is_told and told_rows.row_action = 'void' then 1 else 0 end)
            as void_count,
        sum(
            case
                when
                    told_rows.is_told
                    and told_rows.row_action = 'void'
                    and told_rows.original_claim_number is null then told_rows.amount
            end
        ) as void_amount,
        {%- for action in ['line', 'replacement', 'void'] %}
            min(case
                when told_rows.is_told and coalesce(told_rows.row_action, 'line') = '{{ action }}'
                    then statuses.precedence
            end) as {{ action }}_precedence,
        {%- endfor %}
        max(told_rows._load_id) as _load_id
    from told_rows
    inner join statuses on told_rows.status = statuses.status
    group by told_rows.claim_key, told_rows.ingested_at

),

numbered as (

    select
        moments.*,
        reversals.claim_key is not null as is_reversal,
        row_number() over (
            partition by moments.claim_key order by moments.ingested_at
        ) as version_number,
        count(*) over (partition by moments.claim_key) as version_count,
        sum(moments.row_count) over (partition by moments.claim_key) as told_count
    from moments
    left join reversals
        on
            moments.claim_key = reversals.claim_key
            and moments.ingested_at = reversals.ingested_at

),

-- What counts of a moment: of a replacement the replacement alone, of a void nothing, unless it is
-- a negative amount that has nothing else to take back; else its lines.
judged as (

    select
        *,
        case
            when replacement_count > 0 then 'replacement'
            when void_count > 0 and version_count = 1 and line_count = 0 and void_amount < 0
                then 'void'
            when void_count > 0 then 'nothing'
            when line_count > 0 then 'line'
            else 'nothing'
        end as counted_action
    from numbered

),

latest_whole as (

    select
        claim_key,
        max(version_number) as whole_number
    from judged
    where not is_reversal
    group by claim_key

),

final as (

    select
        judged.claim_key,
        judged.ingested_at,
        judged.version_number,
        judged.version_count,
        judged.told_count,
        judged.counted_action,
        judged.is_reversal,
        judged._load_id,
        judged.version_number >= latest_whole.whole_number
        and judged.is_taken_back = 0 as is_counted,
        coalesce(statuses.status, 'VOID') as status
    from judged
    inner join latest_whole on judged.claim_key = latest_whole.claim_key
    left join statuses
        on statuses.precedence = case judged.counted_action
            when 'line' then judged.line_precedence
            when 'replacement' then judged.replacement_precedence
            when 'void' then judged.void_precedence
        end

)

select * from final
