-- grain: one row per scored cell of an assessment tab: one domain at one sitting
with scores as (

    select * from {{ ref('int_care__assessments') }}

),

final as (

    select
        {{ surrogate_key(
            ['_source_file', '_source_sheet', 'table_number', '_source_row', 'column_number']
        ) }}
            as assessment_key,
        participant_id,
        assessment_date,
        assessment_type,
        domain,
        score,
        cast(coalesce(
            stated_total_score,
            sum(score) over (
                partition by _source_file, _source_sheet, table_number, column_number
            )
        ) as decimal(14, 2)) as total_score,
        stated_total_score is null as is_total_computed,
        source_retired_at,
        _source_file,
        _source_sheet,
        _source_row
    from scores

)

select * from final
