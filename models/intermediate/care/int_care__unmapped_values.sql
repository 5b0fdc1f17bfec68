-- grain: one row per value in a workbook that no alias knows
with interventions as (

    select * from {{ ref('int_care__interventions') }}

),

expenses as (

    select * from {{ ref('int_care__expenses') }}

),

stated as (

    select * from {{ ref('int_workbooks__stated') }}

),

statuses as (

    {{ alias_lines('participant_status_aliases', ['status_name']) }}

),

risks as (

    {{ alias_lines('risk_level_aliases', ['risk_level']) }}

),

columns as (

    select * from {{ ref('int_workbooks__table_columns') }}

),

final as (

    select
        'workbooks' as source,
        'location' as field,
        location_text as value_text,
        _source_file
    from interventions
    where is_location_unmapped
    union all
    select
        'workbooks' as source,
        'growth_level' as field,
        growth_text as value_text,
        _source_file
    from interventions
    where is_growth_unmapped
    union all
    select
        'workbooks' as source,
        'program_category' as field,
        category_text,
        _source_file
    from expenses
    where is_category_unmapped
    union all
    select
        'workbooks' as source,
        'current_status' as field,
        stated.status_text,
        stated._source_file
    from stated
    left join statuses on {{ normalize_label('stated.status_text') }} = statuses.label
    where stated.status_text is not null and statuses.label is null
    union all
    select
        'workbooks' as source,
        'risk_level' as field,
        stated.risk_text,
        stated._source_file
    from stated
    left join risks on {{ normalize_label('stated.risk_text') }} = risks.label
    where stated.risk_text is not null and risks.label is null
    union all
    select
        'workbooks' as source,
        'column header' as field,
        header_text as value_text,
        _source_file
    from columns
    where field is null

)

select * from final
