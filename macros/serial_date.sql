{#- The date of a spreadsheet's serial day number, in a workbook that counts from 1900 or 1904
    (ECMA-376 part 1, 18.17.4.1). Outside 1927 to 2100 it is taken for another number: null. -#}
{% macro serial_date(text, epoch) -%}
    case
        when {{ try_to(text, 'decimal(18, 6)') }} between 10000 and 73050
            then {{ add_days(
                "case when " ~ epoch ~ " = 1904 then cast('1904-01-01' as date)"
                ~ " else cast('1899-12-30' as date) end",
                'cast(floor(' ~ try_to(text, 'decimal(18, 6)') ~ ') as integer)'
            ) }}
    end
{%- endmacro %}
