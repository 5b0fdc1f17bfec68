-- grain: one row per paragraph of a document whose entries end with their date, not begin
with lines as (

    select * from {{ ref('int_notes__lines') }}
    where table_number is null and block_type = 'paragraph'

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

labelled as (

    select
        lines._source_file,
        lines.block_number,
        lines.inline_role = 'text' and lines.inline_text is not null as is_text,
        lines.inline_role = 'worker' or lines.worker_alone is not null as is_worker,
        lines.has_date_label and lines.opening_text is null as is_date,
        lines.date_text is not null as has_any_date,
        dates.parsed_date
    from lines
    left join dates on lines.date_text = dates.date_text

),

numbered as (

    -- a date below ends an entry, so what follows it is of the next
    select
        *,
        sum(case when is_text then 1 else 0 end) over (
            partition by _source_file order by block_number rows unbounded preceding
        ) as text_number,
        coalesce(sum(case when is_date then 1 else 0 end) over (
            partition by _source_file
            order by block_number rows between unbounded preceding and 1 preceding
        ), 0) + 1 as ending_number
    from labelled

),

counted as (

    select
        *,
        sum(case when is_text then 1 else 0 end) over (partition by _source_file) as text_count,
        sum(case when is_date then 1 else 0 end) over (partition by _source_file) as date_count,
        sum(case when has_any_date and not is_date then 1 else 0 end) over (
            partition by _source_file
        ) as other_date_count,
        -- each date has had its own text before it, and none of the next one's
        min(case when is_date and text_number <> ending_number then 0 else 1 end) over (
            partition by _source_file
        ) = 1 as is_paired
    from numbered

),

final as (

    select
        _source_file,
        block_number,
        (is_text or is_worker)
        and row_number() over (
            partition by _source_file, ending_number
            order by case when is_text or is_worker then 0 else 1 end, block_number
        ) = 1 as is_first_label,
        max(parsed_date) over (partition by _source_file, ending_number) as date_below
    from counted
    where
        text_count > 0
        and text_count = date_count
        and other_date_count = 0
        and is_paired

)

select * from final
