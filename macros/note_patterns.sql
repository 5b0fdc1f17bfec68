{#- How a dated entry of a case note opens: an optional label (group 1), a date with an optional
    weekday (group 2), and what follows on the line (group 3). Whether that opens an entry is for the
    caller to say: prose may begin with a date too. -#}
{% macro note_opening_pattern() -%}
    {%- set weekday = '(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|'
        ~ weekdays_elsewhere() ~ ')[.,]*[ \\t]+)?(?:(?:the|le|el|den|der)[ ]+)?' -%}
    {%- set year = '(?:[0-9]{4}|[0-9]{2})' -%}
    {%- set day = '[0-9]{1,2}(?:st|nd|rd|th|er)?' -%}
    {%- set month = '[\\p{L}\\p{M}]{3,10}' -%}
    {%- set forms = [
        '[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}',
        '[0-9]{1,2} ?[./-] ?[0-9]{1,2} ?[./-] ?' ~ year,
        day ~ '[ .,/-]*(?:(?:of|de) )?' ~ month ~ '[ .,/’\\x27-]*(?:(?:del?|of) )?' ~ year,
        month ~ '[ .]+(?:the )?' ~ day ~ '[, ]+' ~ year,
    ] -%}
    {%- set of_what = '(?: of (?:the )?(?:visit|contact|session|meeting|interaction|entry|note|call))?' -%}
    {%- set kind = '(?:(?:home|office|phone|telephone|family|hospital|school|group|individual'
        ~ '|counsell?ing|case|progress|worker|field)[ ]+)?' -%}
    {%- set label = '((?:' ~ kind ~ '(?:date|dated|dt|on|visit|visited|session|entry|meeting|contact|(?:phone|telephone) call|note'
        ~ '|notes|interaction)' ~ of_what
        ~ '(?: (?:and time|& time|date|dated|on|(?:no[.]?|number|#)? ?#?[0-9]+))?[ \\t]*[:.–—-]*[ \\t]*)?)' -%}
    {#- `4. 04-04-2025`: a number of a list is no day where a longer date follows it -#}
    {%- set number = '(?:[(]?[0-9]{1,3}[.)][ \\t]+|#[0-9]{1,3}[ \\t]+)??' -%}
    {%- set rest = '((?:[^0-9./-].*|[./-](?:[^0-9].*|[0-9]{1,3}(?:[^0-9].*)?)?)?)' -%}
    (?i)^[^\p{L}\p{M}\p{N}(\[]*{{ number }}{{ label }}[(\[]?({{ weekday }}(?:{{ forms | join('|') }}))[)\]]?{{ rest }}$
{%- endmacro %}

{#- Weekdays of other languages that stand before a date; in small letters, for a pattern. -#}
{% macro weekdays_elsewhere() -%}
    {{ 'montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi'
        ~ '|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo' }}
{%- endmacro %}

{#- The worker that a line names: after a label, up to a mark or the end (group 1). -#}
{% macro note_worker_pattern() -%}
    (?i)\b(?:case[ -]?worker|worker|staff(?: member)?|written by|recorded by|entered by|seen by|cw|by)(?: name)?[ \t]*[:–—-]+[ \t]*([^,;|()\n\t]+)[)]?
{%- endmacro %}

{#- A time of day right after an entry's date. -#}
{% macro note_time_pattern() -%}
    ^[ \t,]*(?:at )?[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?: *[ap][.]?m[.]?| *hrs)?
{%- endmacro %}

{#- What may stand between a date without a label and an entry's text: a mark, a time, or a capital or
    another script's letter; after a date in figures also a small letter, but not a verb, which makes
    it prose ("12 March 2025 was a hard day"). -#}
{% macro note_entry_rest_pattern() -%}
    ^[ .\t]*$|^[ \t]*[,;|/:–—(\[-]|^[ \t]{2,}|^\t|^[ .]+[\p{Lu}\p{Lo}]|(?i)^[ \t]+(case|worker|staff|by|cw|at|[0-9])
{%- endmacro %}

{% macro note_prose_rest_pattern() -%}
    (?i)^[ ]+(was|is|were|are|and|to|will|or|had|has|till|until|onwards?|as)\b
{%- endmacro %}
