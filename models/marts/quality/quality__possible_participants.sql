-- grain: one row per file or tab whose name alone may be a participant's
with evidence as (

    select * from {{ ref('int_care__participant_evidence') }}
    where not is_borne_out

),

final as (

    select
        source,
        _source_file,
        _source_sheet,
        participant_id
    from evidence

)

select * from final
