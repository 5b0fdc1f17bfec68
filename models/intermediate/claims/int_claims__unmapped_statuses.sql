-- grain: one row per status word that no line of claim_status_words knows
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null and unmapped_status is not null

),

final as (

    select
        'claims' as source,
        'status' as field,
        unmapped_status as value_text,
        count(*) as value_count,
        cast(sum(amount) as decimal(18, 2)) as amount,
        min(_source_file) as example_file
    from claim_rows
    group by unmapped_status

)

select * from final
