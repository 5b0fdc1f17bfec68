{#- Findings of a source whose money is not all accounted for: a file's accounting that does not balance,
    and a mart whose total is not what was kept. `facts` are (object or none for all of them, mart, its
    column of money). -#}
{% macro amounts_lost(source_name, facts) -%}
    with accounting as (

        select * from {{ ref('quality__amount_accounting') }}
        where source = '{{ source_name }}'

    ),

    unbalanced as (

        select
            'read is not kept + rejected + set aside + superseded + duplicate' as finding,
            object as what,
            read_amount as expected,
            kept_amount + rejected_amount + set_aside_amount + superseded_amount + duplicate_amount
                as actual
        from accounting

    ),

    totals as (

        {% for object, mart, amount in facts %}
            {{ 'union all' if not loop.first }}
            select
                'kept is not the total of the mart' as finding,
                '{{ mart }}' as what,
                (select coalesce(sum({{ amount }}), 0) from {{ ref(mart) }}) as expected,
                coalesce(sum(kept_amount), 0) as actual
            from accounting
            {% if object %}where object = '{{ object }}'{% endif %}
        {% endfor %}

    ),

    findings as (

        select * from unbalanced
        union all
        select * from totals

    )

    select * from findings
    where expected <> actual
{%- endmacro %}
