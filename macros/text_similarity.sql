{#- How alike two short texts are, 0 to 1 (Jaro-Winkler: letters in common, first letters most). -#}
{% macro text_similarity(text, other) -%}
    {{ adapter.dispatch('text_similarity')(text, other) }}
{%- endmacro %}

{% macro default__text_similarity(text, other) -%}
    jaro_winkler_similarity({{ text }}, {{ other }})
{%- endmacro %}

{% macro snowflake__text_similarity(text, other) -%}
    (jarowinkler_similarity({{ text }}, {{ other }}) / 100.0)
{%- endmacro %}

{% macro postgres__text_similarity(text, other) -%}
    carehouse.likeness({{ text }}, {{ other }})
{%- endmacro %}

{#- The same in Spark's own expressions: of bytes (two digits each), each of the first text meets the nearest
    free one of the second within reach; the bonus is for the first four, from 0.7 on. The lists of one hold
    what the next step names. -#}
{% macro spark__text_similarity(text, other) -%}
    {%- set byte = "substr(p.{0}, 2 * {1} - 1, 2)" -%}
    element_at(transform(transform(transform(
        array(named_struct('one', hex({{ text }}), 'other', hex({{ other }}))),
        p -> named_struct(
            'one', p.one,
            'other', p.other,
            'size', length(p.one) div 2,
            'other_size', length(p.other) div 2,
            'met', if(p.one = '' or p.other = '', null, aggregate(
                sequence(1, length(p.one) div 2),
                named_struct('bytes', '', 'taken', repeat('0', length(p.other) div 2)),
                (met, i) -> element_at(transform(
                    array(get(filter(
                        sequence(1, length(p.other) div 2),
                        j -> abs(j - i) <= greatest(greatest(length(p.one), length(p.other)) div 4 - 1, 0)
                        and substr(met.taken, j, 1) = '0'
                        and {{ byte.format('other', 'j') }} = {{ byte.format('one', 'i') }}
                    ), 0)),
                    j -> if(j is null, met, named_struct(
                        'bytes', met.bytes || {{ byte.format('one', 'i') }},
                        'taken', overlay(met.taken placing '1' from j for 1)
                    ))
                ), 1)
            ))
        )
    ), p -> named_struct(
        'count', length(p.met.bytes) div 2,
        'size', p.size,
        'other_size', p.other_size,
        'bytes', p.met.bytes,
        'other_bytes', array_join(transform(
            filter(sequence(1, p.other_size), j -> substr(p.met.taken, j, 1) = '1'),
            j -> {{ byte.format('other', 'j') }}
        ), ''),
        'start', case
            {%- for length in [4, 3, 2, 1] %}
            when p.size >= {{ length }} and left(p.one, {{ 2 * length }}) = left(p.other, {{ 2 * length }})
                then {{ length }}
            {%- endfor %}
            else 0
        end,
        'is_there', p.one is not null and p.other is not null
    )), p -> case
        when not p.is_there then null
        when coalesce(p.count, 0) = 0 then 0d
        else element_at(transform(
            array((
                cast(p.count as double) / p.size + cast(p.count as double) / p.other_size
                + cast(p.count - size(filter(
                    sequence(1, p.count),
                    i -> {{ byte.format('bytes', 'i') }} <> {{ byte.format('other_bytes', 'i') }}
                )) div 2 as double) / p.count
            ) / 3),
            likeness -> if(likeness > 0.7d, likeness + p.start * 0.1d * (1 - likeness), likeness)
        ), 1)
    end), 1)
{%- endmacro %}
