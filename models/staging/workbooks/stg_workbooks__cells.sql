with source as (

    select * from {{ source('raw_workbooks', 'cells') }}

),

tidied as (

    select
        _source_file,
        _source_sheet,
        sheet_state,
        _source_row,
        column_number,
        column_number + column_span - 1 as last_column_number,
        _source_row + row_span - 1 as _last_source_row,
        {{ regex_replace(tidy_text('value_text'), "^'' *", '') }} as value_text,
        value_type,
        formula_text is not null as is_formula,
        _load_id,
        _extracted_at
    from source

),

final as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        column_number,
        sheet_state,
        last_column_number,
        _last_source_row,
        value_text,
        {{ normalize_label('value_text') }} as label,
        value_type,
        is_formula,
        _load_id,
        _extracted_at
    from tidied

)

select * from final
