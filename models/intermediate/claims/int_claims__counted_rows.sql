-- grain: one row per row that counts, of a claim of which one row does not say everything
with told_rows as (

    select * from {{ ref('int_claims__told_rows') }}
    where is_told

),

versions as (

    select * from {{ ref('int_claims__claim_versions') }}
    where is_counted and counted_action <> 'nothing'

),

final as (

    select
        told_rows.*,
        versions.version_number,
        versions.told_count,
        versions.status as claim_status,
        row_number() over (
            partition by told_rows.claim_key
            order by
                told_rows.line_number asc nulls last,
                told_rows.ingested_at asc,
                told_rows._source_file asc,
                told_rows._source_row asc
        ) as line_sequence,
        row_number() over (
            partition by told_rows.claim_key
            order by
                told_rows.ingested_at desc,
                told_rows.line_number asc nulls last,
                told_rows._source_file desc,
                told_rows._source_row asc
        ) as header_rank
    from told_rows
    inner join versions
        on
            told_rows.claim_key = versions.claim_key
            and told_rows.ingested_at = versions.ingested_at
            and coalesce(told_rows.row_action, 'line') = versions.counted_action

)

select * from final
