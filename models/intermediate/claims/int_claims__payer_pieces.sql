-- grain: one row per member and stretch of days on which exactly one payer covers them
with spans as (

    select * from {{ ref('int_claims__told_spans') }}
    where payer is not null

),

borders as (

    select
        member_id,
        span_from as piece_from
    from spans
    union
    select
        member_id,
        span_to as piece_from
    from spans

),

pieces as (

    select
        *,
        lead(piece_from) over (partition by member_id order by piece_from) as piece_to
    from borders

),

final as (

    select
        pieces.member_id,
        pieces.piece_from,
        pieces.piece_to,
        min(spans.payer) as payer,
        case when min(spans.plan_name) = max(spans.plan_name) then min(spans.plan_name) end
            as plan_name
    from pieces
    inner join spans
        on
            pieces.member_id = spans.member_id
            and pieces.piece_from >= spans.span_from
            and pieces.piece_from < spans.span_to
    where pieces.piece_to is not null
    group by pieces.member_id, pieces.piece_from, pieces.piece_to
    having min(spans.payer) = max(spans.payer)

)

select * from final
