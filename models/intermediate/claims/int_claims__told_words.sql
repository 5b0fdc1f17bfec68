-- grain: one row per word that a claims file has for a status, as typed
with staged as (

    select * from {{ ref('stg_claims__claims') }}

),

words as (

    select * from {{ ref('claim_status_words') }}

),

told as (

    select status_text
    from staged
    where status_text is not null
    group by status_text

),

final as (

    select
        told.status_text,
        words.status
    from told
    left join words on {{ normalize_label('told.status_text') }} = words.label

)

select * from final
