{#- A growth level that leads a hand-typed text, after an optional word for it (group 1). -#}
{% macro growth_lead_pattern() -%}
    ^(?:(?:growth|level|lvl|lev|stage|grade|score|rating|l|g)(?: of growth| level)? *[:.#=–-]* *)?([0-9]+(?:[.][0-9]+)?)
{%- endmacro %}

{#- What makes a number before it something else than a level: a range, a share, a unit, a date. -#}
{% macro growth_not_a_level() -%}
    (?:(?:-|–|−|to|or|and|&|/|:) *[0-9]|%|(?:st|nd|rd|th)\b|(?:days?|weeks?|months?|years?|yrs?|visits?|sessions?|hours?|hrs?|times?|min(?:ute)?s?)\b)
{%- endmacro %}
