{% test no_overlap(model, key) %}
{#- Versions of one key must not overlap, and each must last: valid_from before valid_to. -#}
with versions as (

    select
        {{ key }} as entity,
        valid_from,
        valid_to,
        lead(valid_from) over (
            partition by {{ key }} order by valid_from nulls last, valid_to
        ) as next_from
    from {{ model }}

)

select * from versions
where valid_from > valid_to or next_from < valid_to
{% endtest %}
