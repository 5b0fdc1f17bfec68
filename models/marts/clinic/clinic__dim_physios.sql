-- grain: one row per physiotherapist
with physios as (

    select * from {{ ref('stg_clinic__physios') }}
    where copy_rank = 1 and is_known and physio_id is not null

),

final as (

    select
        physio_id,
        physio_name,
        _source_file,
        _source_row
    from physios

)

select * from final
