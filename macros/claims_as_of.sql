{#- The day the claims are known as of: CAREHOUSE_AS_OF or var as_of_date, else the newest day that
    an ingestion_ts names. Trap: not the day of landing, or claims of a year ago would all have been
    open for a year. -#}
{% macro claims_as_of() -%} {{ as_of('int_claims__as_of') }} {%- endmacro %}
