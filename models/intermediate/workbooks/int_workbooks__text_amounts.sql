-- grain: one row per spelling of an amount of money met in a text cell
with cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

texts as (

    select value_text as amount_text
    from cells
    where value_type = 'text' and length(value_text) <= 40
    group by value_text
    having {{ regex_matches('value_text', '[0-9]') }}

),

without_currency as (

    select
        amount_text,
        {{ trimmed(regex_replace(
            regex_replace(
                "translate(lower(amount_text), '−–—' || chr(39) || '’`', '---')",
                '(rupees|rupee|inr|usd|eur|gbp|rs|re|rps|₹|[$]|€|£)[.:]?', ' '
            ),
            '(?: *(?:/[-=]?|\\bonly\\b[.]?))+ *([)]?)$', '\\1'
        )) }} as amount
    from texts

),

signed as (

    select
        amount_text,
        {{ regex_matches('amount', '^(-.*|[(].*[)])$') }} as is_negative,
        {{ trimmed(regex_replace('amount', '^[(]? *-? *|[)]$', '')) }} as amount
    from without_currency

),

plain as (

    select
        amount_text,
        is_negative,
        case
            when {{ regex_matches('amount', '^[0-9]+([.][0-9]{1,2})?$') }} then amount
            when
                {{ regex_matches('amount', '^[0-9]{1,3}(, ?[0-9]{2,3})*, ?[0-9]{3}([.][0-9]+)?$') }}
                then {{ regex_replace('amount', '[, ]', '') }}
            when {{ regex_matches('amount', '^[0-9]{1,3}( [0-9]{2,3})* [0-9]{3}([.][0-9]+)?$') }}
                then {{ regex_replace('amount', ' ', '') }}
            when
                {{ regex_matches('amount', '^[0-9]{1,3}([.][0-9]{3})*,[0-9]{1,2}$') }}
                or {{ regex_matches('amount', '^[0-9]+,[0-9]{1,2}$') }}
                or {{ regex_matches('amount', '^[0-9]{1,3}([.][0-9]{3}){2,}$') }}
                then translate(amount, ',.', '.')
            when
                {{ regex_matches('amount', '^[0-9]*[.][0-9]{4,}$') }}
                or {{ regex_matches('amount', '^0?[.][0-9]+$') }} then amount
        end as digits
    from signed

),

final as (

    select
        amount_text,
        case when is_negative then -1 else 1 end
        * {{ try_to('round(' ~ try_to('digits', 'decimal(28, 10)') ~ ', 2)', 'decimal(12, 2)') }}
            as parsed_amount
    from plain
    where digits is not null

)

select * from final
