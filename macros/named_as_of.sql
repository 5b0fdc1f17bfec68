{#- The as-of day by the name of its macro, for tests that serve every domain: a test may only call what
    its text names. -#}
{% macro named_as_of(name) -%}
    {%- if name == 'clinic_as_of' -%} {{ clinic_as_of() }}
    {%- elif name == 'claims_as_of' -%} {{ claims_as_of() }}
    {%- else -%} {{ as_of() }}
    {%- endif -%}
{%- endmacro %}
