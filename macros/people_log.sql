{#- The body of a log of people files: every row of every load of the files whose path names no day,
    less the loads already in the log. A macro and never a shared table: each log is its own history
    and is not rebuilt. Expects the CTEs `staged` and `undated_files`. -#}
{% macro people_log() -%}
    select staged.* from staged
    inner join undated_files on staged._source_file = undated_files._source_file
    {% if is_incremental() -%}
        where staged._load_id not in ({{ logged_loads() }})
    {%- endif %}
{%- endmacro %}

{% macro logged_loads() -%}
    select logged._load_id from {{ this }} as logged group by logged._load_id
{%- endmacro %}
