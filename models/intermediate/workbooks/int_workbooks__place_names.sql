-- grain: one row per text that may name a participant: a tab, a file, a title, a cell
with sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

name_words as (

    {{ alias_lines('workbook_name_words', label='word') }}

),

numbers as (

    {{ number_series(8) }}

),

texts as (

    select _source_sheet as place_text, {{ normalize_label('_source_sheet') }} as label from sheets
    union
    select _source_file, {{ normalize_label(file_stem('_source_file')) }} from sheets
    union
    select value_text, {{ normalize_label(regex_replace('value_text', '[(].*', '')) }}
    from cells
    where length(value_text) <= 60 and value_type = 'text' and column_number <= 12

),

words as (

    select
        texts.place_text,
        numbers.number,
        {{ text_part('texts.label', ' ', 'numbers.number') }} as word
    from texts
    cross join numbers

),

codes as (

    -- a year beside a name, Asha_2025, is no code
    select
        place_text,
        {{ participant_code(regex_replace(
            file_stem('place_text'), '[ _-](19|20)[0-9]{2}([^0-9]|$)', ' '
        )) }} as participant_code
    from texts

),

names as (

    select
        words.place_text,
        {{ dbt.listagg('words.word', "' '", 'order by words.number') }} as name_label
    from words
    left join codes on words.place_text = codes.place_text
    left join name_words on words.word = name_words.word
    where
        name_words.word is null
        and not {{ regex_matches('words.word', '[0-9]') }}
        and words.word <> coalesce({{ code_word('codes.participant_code') }}, '')
    group by words.place_text

),

final as (

    select
        codes.place_text,
        case when name_words.word is null then codes.participant_code end as participant_code,
        case when length(names.name_label) >= 2 then names.name_label end as name_label
    from codes
    left join names on codes.place_text = names.place_text
    left join name_words on {{ code_word('codes.participant_code') }} = name_words.word

)

select * from final
