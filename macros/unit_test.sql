{#- dbt's unit tests on Postgres, where a test that is named as a sentence gives a table a name that is
    too long, and where 100 and 100.00 are told apart: numbers are compared without trailing zeros. -#}
{% materialization unit, adapter='postgres' %}
    {%- set rows = config.get('expected_rows') -%}
    {%- set names = rows[0].keys() if rows | length > 0 else get_columns_in_query(sql) -%}
    {%- set short = this.incorporate(
        path={'identifier': 'unit_test_' ~ local_md5(this.identifier)}, type='table'
    ) -%}
    {%- set empty = make_temp_relation(short) -%}
    {%- do run_query(get_create_table_as_sql(True, empty, get_empty_subquery_sql(sql))) -%}
    {%- set types, quoted = {}, {} -%}
    {%- for column in adapter.get_columns_in_relation(empty) -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
    {%- set expected = config.get('expected_sql') or get_expected_sql(rows, types, quoted) -%}
    {%- set compared = [] -%}
    {%- for name in names | map('lower') -%}
        {%- do compared.append(
            ('trim_scale(' ~ quoted[name] ~ ') as ' ~ quoted[name])
            if types[name].startswith('numeric') else quoted[name]
        ) -%}
    {%- endfor -%}
    {%- call statement('main', fetch_result=True) -%}
        {{ get_unit_test_sql(sql, expected, compared) }}
    {%- endcall -%}
    {%- do adapter.drop_relation(empty) -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}
