{#- code, seed, column: every code that SQL names literally. Add a line with the code. -#}
{%- set codes = [
    ('Medical', 'program_category_aliases', 'program_category'),
    ('in program', 'participant_statuses', 'program_state'),
    ('left', 'participant_statuses', 'program_state'),
    ('status', 'workbook_header_aliases', 'table_kind'),
    ('expense', 'workbook_header_aliases', 'table_kind'),
    ('assessment', 'workbook_header_aliases', 'table_kind'),
    ('exact', 'workbook_header_aliases', 'match'),
    ('contains', 'workbook_header_aliases', 'match'),
    ('total', 'workbook_row_markers', 'marker'),
    ('note', 'workbook_row_markers', 'marker'),
    ('page', 'workbook_row_markers', 'marker'),
    ('read', 'workbook_sheet_rules', 'treatment'),
    ('set_aside', 'workbook_sheet_rules', 'treatment'),
    ('worker', 'note_labels', 'role'),
    ('text', 'note_labels', 'role'),
] -%}
{%- for field in [
    'date', 'participant', 'summary', 'case_worker_action', 'location', 'growth_level', 'notes',
    'program_category', 'details', 'amount', 'staff_member', 'domain', 'score'
] -%}
    {%- do codes.append((field, 'workbook_header_aliases', 'field')) -%}
{%- endfor -%}
{%- for field in [
    'participant_id', 'participant_name', 'age', 'joining_date', 'current_status', 'risk_level',
    'assessment_date', 'assessment_type'
] -%}
    {%- do codes.append((field, 'workbook_information_aliases', 'field')) -%}
{%- endfor -%}

{% for code, seed, column in codes %}
    select
        '{{ code }}' as code,
        '{{ seed }}' as seed,
        '{{ column }}' as column_name
    from
        (
            select count(*) as line_count from {{ ref(seed) }}
            where {{ column }} = '{{ code }}'
        ) as found
    where line_count = 0
    {{ 'union all' if not loop.last }}
{% endfor %}
