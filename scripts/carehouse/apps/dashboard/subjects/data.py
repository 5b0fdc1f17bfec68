"""Whether the figures can be trusted: freshness, accounting, and what to mend."""

from carehouse.apps.dashboard.question import Chart, Filter, Page, Question

MART = Filter(
    "mart",
    "Made of what",
    "select domain || '.' || table_name as mart, domain || '.' || table_name as label "
    "from quality.published_tables order by 1",
    "domain || '.' || table_name = {value}",
    "quality.published_lineage",
)

DATA = Page(
    path="data",
    title="Data",
    domain="quality",
    mart="quality.published_domains",
    empty="Nothing has been published yet: `carehouse run`.",
    has_problems=True,
    filters=(MART,),
    questions=(
        Question(
            "How fresh is each domain?",
            ("quality.published_domains",),
            "select domain, is_current, built_at, as_of_date, reason "
            "from quality.published_domains order by is_current, domain",
        ),
        Question(
            "What has landed?",
            ("quality.load_summary",),
            "select source, outcome, object_count, row_count, newest_load_at "
            "from quality.load_summary order by source, outcome",
        ),
        Question(
            "Is every row accounted for?",
            ("quality.row_accounting",),
            """
            select
                source,
                sum(read_rows) as read_rows,
                sum(kept_rows) as kept_rows,
                sum(rejected_rows) as rejected_rows,
                sum(set_aside_rows) as set_aside_rows,
                sum(superseded_rows) as superseded_rows
            from quality.row_accounting
            group by source
            order by source
            """,
            todo="Read = kept + rejected + set aside + superseded.",
        ),
        Question(
            "Is every cent accounted for?",
            ("quality.amount_accounting",),
            """
            select
                source, amount_column,
                sum(read_amount) as read_amount,
                sum(kept_amount) as kept_amount,
                sum(rejected_amount) as rejected_amount,
                sum(set_aside_amount) as set_aside_amount,
                sum(superseded_amount) as superseded_amount,
                sum(duplicate_amount) as duplicate_amount
            from quality.amount_accounting
            group by source, amount_column
            order by source, amount_column
            """,
        ),
        Question(
            "Why were rows rejected?",
            ("quality.rejected_rows",),
            """
            select source, reason, count(*) as rows
            from quality.rejected_rows
            group by source, reason
            order by count(*) desc, source, reason
            """,
            Chart("bar", "reason", "rows", "", "rows", "source"),
            none="No row was rejected.",
            todo="Each row with its file, sheet and text is on the page that `carehouse problems` "
            "writes.",
        ),
        Question(
            "Which spellings does no seed know?",
            ("quality.unmapped_values",),
            """
            select source, field, value_text, value_count, nearest_value, seed_name, line_to_add
            from quality.unmapped_values
            order by value_count desc, source, field, value_text
            """,
            none="Every spelling is known.",
            todo='Give one its name: `carehouse map location "Church Basement" "Church"`, then '
            "`carehouse run`.",
        ),
        Question(
            "Which marts are there, and how old?",
            ("quality.published_tables",),
            "select domain, table_name, row_count, built_at from quality.published_tables "
            "order by domain, table_name",
        ),
        Question(
            "What is each mart made of?",
            ("quality.published_lineage",),
            """
            select
                domain || '.' || table_name as mart,
                string_agg(made_of, ', ' order by made_of)
                    filter (where made_of_kind = 'raw table') as raw_tables,
                string_agg(made_of, ', ' order by made_of)
                    filter (where made_of_kind = 'mart') as other_marts,
                string_agg(made_of, ', ' order by made_of)
                    filter (where made_of_kind = 'seed') as seeds
            from quality.published_lineage
            where {mart}
            group by domain, table_name
            order by domain, table_name
            """,
            none="Not told of this file: the next `carehouse run` that publishes adds it.",
            todo="Model by model: `carehouse docs`.",
        ),
    ),
)
