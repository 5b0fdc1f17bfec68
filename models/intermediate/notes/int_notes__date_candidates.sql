-- grain: one row per spelling of a date that may open a case note's entry
with lines as (

    select * from {{ ref('int_notes__lines') }}

),

final as (

    select date_text
    from lines
    where date_text is not null
    group by date_text

)

select * from final
