{#- The day the clinic's lists are made: CAREHOUSE_AS_OF or var as_of_date, else the newest day that
    the drops know of, since a drop is the extract and states its own day. Trap: not today's date; a
    clinic that has sent nothing for a week gets the lists of a week ago. -#}
{% macro clinic_as_of() -%} {{ as_of('int_clinic__as_of') }} {%- endmacro %}
