{#- The feed of a file: its folders in lower case without days, partitions (year=2025) and words that
    say how a file came and not from whom (var claims_neutral_folders); `main` where nothing is left. -#}
{% macro claims_feed(path) -%}
    {%- set day = '(19|20)[0-9]{2}[-_]?(1[0-2]|0?[1-9])([-_]?(3[01]|[12][0-9]|0?[1-9]))?([t_-][0-9:]{4,8})?' -%}
    {%- set steps = [
        ('/+', '//'),
        ('/(year|month|day|date|dt|yyyy|mm|dd)=[^/]*/', ''),
        ('(^|[^0-9])' ~ day ~ '($|[^0-9])', '\\1\\7'),
        ('[-_. ]+/', '/'),
        ('/([-_. ]+|[0-9]+)[-_. ]*/', ''),
        ('/(' ~ var('claims_neutral_folders') | join('|') ~ ')/', ''),
        ('/+', '/'),
        ('^/|/$', ''),
    ] -%}
    {%- set folder = namespace(sql="'/' || " ~ regex_replace('lower(' ~ path ~ ')', '[^/]*$', '')) -%}
    {%- for pattern, replacement in steps -%}
        {%- set folder.sql = regex_replace(folder.sql, pattern, replacement) -%}
    {%- endfor -%}
    coalesce(nullif({{ folder.sql }}, ''), 'main')
{%- endmacro %}
