-- grain: one row per participant with a worker: who wrote or spent for them last
with case_notes as (

    select * from {{ ref('int_care__case_notes') }}
    where worker is not null and participant_id is not null and note_date <= {{ as_of() }}

),

expenses as (

    select * from {{ ref('int_care__expenses') }}
    where
        staff_member is not null and participant_id is not null and expense_date <= {{ as_of() }}

),

named as (

    select
        participant_id,
        worker,
        note_date as named_date,
        1 as source_order,
        _source_file,
        entry_number as _source_row
    from case_notes
    union all
    select
        participant_id,
        staff_member as worker,
        expense_date as named_date,
        2 as source_order,
        _source_file,
        _source_row
    from expenses

),

ranked as (

    select
        participant_id,
        worker,
        named_date,
        row_number() over (
            partition by participant_id
            order by
                named_date desc nulls last, source_order asc, _source_file asc, _source_row desc
        ) as worker_rank
    from named

),

spellings as (

    select
        {{ normalize_label('worker') }} as label,
        min(worker) as worker
    from named
    group by {{ normalize_label('worker') }}

),

final as (

    select
        ranked.participant_id,
        spellings.worker
    from ranked
    inner join spellings on {{ normalize_label('ranked.worker') }} = spellings.label
    where ranked.worker_rank = 1

)

select * from final
