-- grain: one row per score that counts: known by the as-of day, in no other file as well
with scores as (

    select * from {{ ref('int_care__assessment_scores') }}

),

{{ known_facts('scores', 'workbooks', {
    '_source_sheet': '_source_sheet', 'table_number': 'table_number', '_source_row': '_source_row',
    'column_number': 'column_number'
}) }},

final as (

    select * from known_scores

)

select * from final
