-- grain: one row per Word file, with the participant that its heading or name says
with blocks as (

    select * from {{ ref('int_notes__entry_blocks') }}

),

first_blocks as (

    select
        _source_file,
        min(block_number) as block_number
    from blocks
    group by _source_file

),

name_words as (

    {{ alias_lines('workbook_name_words', label='word') }}

),

names as (

    select * from {{ ref('int_care__participant_names') }}

),

numbers as (

    {{ number_series(8) }}

),

texts as (

    select
        _source_file,
        block_number,
        regexp_replace(text, '^[^:]{0,30}: *', '') as place_text
    from blocks
    where entry_number = 0 and not is_date_block and length(text) <= 80
    union all
    select
        _source_file,
        1000000 as block_number,
        {{ file_stem('_source_file') }} as place_text
    from first_blocks

),

words as (

    select
        texts._source_file,
        texts.block_number,
        numbers.number,
        {{ text_part(normalize_label('texts.place_text'), ' ', 'numbers.number') }} as word
    from texts
    cross join numbers

),

labels as (

    select
        words._source_file,
        words.block_number,
        {{ dbt.listagg('words.word', "' '", 'order by words.number') }} as name_label
    from words
    left join name_words on words.word = name_words.word
    where name_words.word is null and not {{ regex_matches('words.word', '[0-9]') }}
    group by words._source_file, words.block_number

),

candidates as (

    select
        texts._source_file,
        texts.block_number,
        labels.name_label,
        case
            when name_words.word is null then {{ participant_code('texts.place_text') }}
        end as code,
        names.participant_id as named_id
    from texts
    left join labels
        on texts._source_file = labels._source_file and texts.block_number = labels.block_number
    left join names on labels.name_label = names.name_label
    left join name_words
        on {{ code_word(participant_code('texts.place_text')) }} = name_words.word

),

ranked as (

    select
        *,
        row_number() over (
            partition by _source_file
            order by
                case
                    when code is not null then 1
                    when named_id is not null then 2
                    else 3
                end,
                case when code is null and named_id is null then -block_number else block_number end
        ) as candidate_rank
    from candidates

),

final as (

    select
        blocks._source_file,
        coalesce(ranked.code, ranked.named_id, upper(ranked.name_label)) as participant_id,
        nullif(ranked.name_label, {{ code_word('ranked.code') }}) as participant_name,
        blocks._load_id,
        blocks._extracted_at
    from blocks
    inner join first_blocks
        on
            blocks._source_file = first_blocks._source_file
            and blocks.block_number = first_blocks.block_number
    inner join ranked
        on blocks._source_file = ranked._source_file and ranked.candidate_rank = 1

)

select * from final
