-- grain: one row per model with skill, feature and bin, of its newest fit
with terms as (

    select * from {{ ref('int_ml__current_terms') }}

),

features as (

    select
        *,
        case when words like '%{weekday}%' or words like '%{month}%' then 1 end as least_value,
        case when words like '%{weekday}%' then 7 when words like '%{month}%' then 12 end
            as greatest_value
    from {{ ref('int_ml__features') }}

),

-- of whole numbers, the first and the last one in the bin
bounded as (

    select
        terms.*,
        features.words,
        features.description as feature_description,
        features.is_whole,
        features.is_pseudonym,
        coalesce(
            case when features.is_whole then ceil(terms.lower) else terms.lower end,
            features.least_value
        ) as first_value,
        coalesce(
            case when features.is_whole then ceil(terms.upper) - 1 else terms.upper end,
            features.greatest_value
        ) as last_value,
        row_number() over (
            partition by terms.model_name, terms.term, terms.kind
            order by
                terms.lower asc nulls first,
                terms.train_rows desc nulls last,
                terms.category asc nulls last
        ) as kind_number
    from terms
    left join features
        on terms.model_name = features.model_name and terms.feature = features.feature

),

effects as (

    select
        model_name,
        feature,
        sum(abs(contribution) * train_rows) / nullif(sum(train_rows), 0) as average_effect
    from terms
    where feature is not null
    group by model_name, feature

),

ranked as (

    select
        *,
        row_number() over (
            partition by model_name order by average_effect desc nulls last, feature asc nulls last
        ) as feature_rank
    from effects

),

final as (

    select
        bounded.model_name,
        bounded.model_version,
        bounded.term,
        bounded.feature,
        bounded.feature_description,
        bounded.kind,
        cast(row_number() over (
            partition by bounded.model_name, bounded.term
            order by
                case bounded.kind
                    when 'bin' then 1
                    when 'category' then 2
                    when 'missing' then 3
                    else 4
                end asc nulls last,
                bounded.kind_number asc nulls last
        ) as bigint) as term_number,
        {{ term_label() }} as term_label,
        bounded.lower,
        bounded.upper,
        bounded.contribution,
        bounded.train_rows,
        ranked.average_effect,
        cast(ranked.feature_rank as bigint) as feature_rank
    from bounded
    left join ranked
        on bounded.model_name = ranked.model_name and bounded.feature = ranked.feature

)

select * from final
