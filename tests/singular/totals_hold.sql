with entries as (

    select * from {{ ref('int_workbooks__entries') }}
    where rejection_reason is null

),

uncounted_rows as (

    select * from {{ ref('int_care__uncounted_rows') }}

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}
    where treatment = 'read'

),

kept_entries as (

    select
        table_kind,
        count(*) as row_count,
        coalesce(sum(amount), 0) as amount
    from entries
    inner join sheet_treatments
        on
            entries._source_file = sheet_treatments._source_file
            and entries._source_sheet = sheet_treatments._source_sheet
    left join uncounted_rows
        on
            uncounted_rows.source_name = 'workbooks'
            and uncounted_rows.column_number = 0
            and entries._source_file = uncounted_rows._source_file
            and entries._source_sheet = uncounted_rows._source_sheet
            and entries.table_number = uncounted_rows.table_number
            and entries._source_row = uncounted_rows._source_row
    where uncounted_rows._source_row is null
    group by table_kind

),

kept_scores as (

    select count(*) as row_count
    from {{ ref('int_workbooks__assessment_scores') }} as scores
    inner join sheet_treatments
        on
            scores._source_file = sheet_treatments._source_file
            and scores._source_sheet = sheet_treatments._source_sheet
    left join uncounted_rows
        on
            uncounted_rows.source_name = 'workbooks'
            and scores._source_file = uncounted_rows._source_file
            and scores._source_sheet = uncounted_rows._source_sheet
            and scores.table_number = uncounted_rows.table_number
            and scores._source_row = uncounted_rows._source_row
            and scores.column_number = uncounted_rows.column_number
    where
        not scores.is_total
        and scores.score is not null
        and uncounted_rows._source_row is null

),

kept_notes as (

    select count(distinct blocks._source_file || '|' || blocks.entry_number) as row_count
    from {{ ref('int_notes__entry_blocks') }} as blocks
    inner join {{ ref('int_notes__block_outcomes') }} as outcomes
        on
            blocks._source_file = outcomes._source_file
            and blocks.block_number = outcomes.block_number
    where outcomes.outcome = 'kept'

),

expenses as (

    select
        count(*) as row_count,
        coalesce(sum(amount), 0) as amount
    from {{ ref('care__fact_program_expenses') }}

),

burn_rate as (

    select
        coalesce(sum(expense_count), 0) as row_count,
        coalesce(sum(spent_amount), 0) as amount
    from {{ ref('care__program_burn_rate_monthly') }}

),

outcomes as (

    select coalesce(sum(total_spend_amount), 0) as amount
    from {{ ref('care__participant_outcomes') }}

),

current_spending as (

    select coalesce(sum(facts.amount), 0) as amount
    from {{ ref('care__fact_program_expenses') }} as facts
    inner join {{ ref('care__dim_participants') }} as participants
        on facts.participant_id = participants.participant_id and participants.is_current

),

compared as (

    select
        'expenses: amount of entries and of facts' as comparison,
        coalesce((
            select amount from kept_entries
            where table_kind = 'expense'
        ), 0) as expected,
        (select amount from expenses) as actual
    union all
    select
        'expenses: entries and facts' as comparison,
        coalesce((
            select row_count from kept_entries
            where table_kind = 'expense'
        ), 0) as expected,
        (select row_count from expenses) as actual
    union all
    select
        'interventions: entries and facts' as comparison,
        coalesce((
            select row_count from kept_entries
            where table_kind = 'status'
        ), 0) as expected,
        (select count(*) from {{ ref('care__fact_interventions') }}) as actual
    union all
    select
        'assessments: scores and facts' as comparison,
        (select row_count from kept_scores) as expected,
        (select count(*) from {{ ref('care__fact_assessments') }}) as actual
    union all
    select
        'case notes: entries and facts' as comparison,
        (select row_count from kept_notes) as expected,
        (select count(*) from {{ ref('care__fact_case_notes') }}) as actual
    union all
    select
        'burn rate: amount of facts and of months' as comparison,
        (select amount from expenses) as expected,
        (select amount from burn_rate) as actual
    union all
    select
        'burn rate: facts and months' as comparison,
        (select row_count from expenses) as expected,
        (select row_count from burn_rate) as actual
    union all
    select
        'participants: amount of facts and of outcomes' as comparison,
        (select amount from current_spending) as expected,
        (select amount from outcomes) as actual

)

select * from compared
where expected <> actual
