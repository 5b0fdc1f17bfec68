{#- Minutes of each day and `key` that its blocks cover, overlapping blocks counted once. `blocks` is a
    CTE with the key, day, from_minute, to_minute and schedule_id. Trap: a plain sum counts the lunch
    of two overlapping shifts twice and shows a room that is open for 30 hours. -#}
{% macro minutes_covered(blocks, key) -%}
    select
        {{ key }},
        day,
        cast(sum(
            case when to_minute > from_minute then to_minute - from_minute else 0 end
        ) as bigint) as open_minutes
    from ({{ open_stretches(blocks, key) }}) as stretches
    group by {{ key }}, day
{%- endmacro %}
