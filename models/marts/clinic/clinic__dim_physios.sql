-- grain: one row per physiotherapist
with physios as (

    select * from {{ ref('stg_clinic__physios') }}
    where copy_rank = 1 and is_known and physio_id is not null

),

-- Visits of a file without physiotherapists, or of a book without a file of them.
visited as (

    select physio_id from {{ ref('int_clinic__appointments') }}
    union
    select physio_id from {{ ref('int_clinic__availability_checks') }}
    where rejection_reason is null and not is_superseded and not is_gone

),

final as (

    select
        coalesce(physios.physio_id, visited.physio_id) as physio_id,
        case
            when physios.physio_id is not null then physios.physio_name
            when visited.physio_id = '0' then 'Unknown'
            else visited.physio_id
        end as physio_name,
        physios._source_file,
        physios._source_row
    from physios
    full outer join visited on physios.physio_id = visited.physio_id

)

select * from final
