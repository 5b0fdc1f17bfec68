-- grain: one row per sheet, with whether it is read or set aside, by the seed's rules
with sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

rules as (

    select * from {{ ref('workbook_sheet_rules') }}

),

ranked as (

    select
        sheets._source_file,
        sheets._source_sheet,
        sheets.sheet_state,
        rules.treatment,
        rules.reason,
        row_number() over (
            partition by sheets._source_file, sheets._source_sheet
            order by length(rules.name_pattern) desc, rules.treatment desc
        ) as rule_rank
    from sheets
    left join rules
        on
            sheets.sheet_state = rules.sheet_state
            and sheets._source_sheet ilike rules.name_pattern

),

final as (

    select
        _source_file,
        _source_sheet,
        sheet_state,
        coalesce(treatment, 'read') as treatment,
        reason
    from ranked
    where rule_rank = 1

)

select * from final
