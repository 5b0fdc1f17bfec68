{#- The open time of each day and `key` as stretches that do not overlap, from blocks that may. Trap:
    an appointment within two overlapping blocks would lie within scheduled time twice. -#}
{% macro open_stretches(blocks, key) -%}
    select
        {{ key }},
        day,
        case
            when covered_to_minute > from_minute then covered_to_minute
            else from_minute
        end as from_minute,
        to_minute
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
    where covered_to_minute is null or covered_to_minute < to_minute
{%- endmacro %}
