{#- Minutes of each day and `key` that its blocks cover, overlapping blocks counted once. `blocks` is a
    CTE with the key, day, from_minute, to_minute and schedule_id. Trap: a plain sum counts the lunch
    of two overlapping shifts twice and shows a room that is open for 30 hours. -#}
{% macro minutes_covered(blocks, key) -%}
    select
        {{ key }},
        day,
        cast(sum(case
            when covered_to_minute >= to_minute then 0
            when covered_to_minute > from_minute then to_minute - covered_to_minute
            when to_minute > from_minute then to_minute - from_minute
            else 0
        end) as bigint) as open_minutes
    from (
        select
            *,
            max(to_minute) over (
                partition by {{ key }}, day
                order by from_minute nulls last, to_minute nulls last, schedule_id nulls last
                rows between unbounded preceding and 1 preceding
            ) as covered_to_minute
        from {{ blocks }}
    ) as followed
    group by {{ key }}, day
{%- endmacro %}
