{#- The columns that a claim has in every version, from one of the relations that hold them. -#}
{% macro claim_columns(relation) -%}
    {%- for column in [
        'source_system', 'member_id', 'provider_id', 'diagnosis_code', 'status', 'is_open',
        'is_decided', 'payer', 'plan_name', 'amount', 'paid_amount', 'claim_at', 'adjudicated_at',
        'ingested_at', '_source_file', '_source_row', '_load_id'
    ] -%}
        {{ relation }}.{{ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
