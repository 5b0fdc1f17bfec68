"""Insurance claims: cost, denial, waiting, and what to look at."""

from carehouse.apps.dashboard.question import Chart, Filter, Page, Question

SYSTEM = Filter(
    "system",
    "Source system",
    "select source_system, source_system from claims.pmpm_monthly group by 1 order by 1",
    "source_system = {value}",
    "claims.pmpm_monthly",
)
DIMENSION = Filter(
    "by",
    "Denials and cost by",
    "select dimension, replace(dimension, '_', ' ') from claims.cost_and_denial "
    "where dimension not like '%month%' group by 1 order by 1",
    "dimension = {value}",
    "claims.cost_and_denial",
    default="specialty",
)

CLAIMS = Page(
    path="claims",
    title="Claims",
    domain="claims",
    mart="claims.fact_claims",
    empty="No claims yet: put claim files (CSV, Excel, Parquet) into `inbox/claims/`, or set "
    "`CAREHOUSE_CLAIMS_URL=s3://…` in `.env`, then `carehouse run`.",
    filters=(SYSTEM, DIMENSION),
    questions=(
        Question(
            "What was claimed and paid?",
            ("claims.pmpm_monthly",),
            """
            select
                sum(claim_count) as claims,
                sum(amount) as claimed,
                sum(paid_amount) as paid,
                sum(member_months) as member_months
            from claims.pmpm_monthly
            where {system}
            """,
            is_figures=True,
            in_report=True,
            todo="Of claims with a month; those without a readable date are in claims.fact_claims.",
        ),
        Question(
            "What does a member cost a month?",
            ("claims.pmpm_monthly",),
            """
            select month, source_system, pmpm_paid_amount
            from claims.pmpm_monthly
            where {system} and pmpm_paid_amount is not null
            order by month, source_system
            """,
            Chart(
                "line",
                "month",
                "pmpm_paid_amount",
                "month",
                "paid per member and month",
                "source_system",
                shows=",.2f",
            ),
            in_report=True,
        ),
        Question(
            "What is denied, what is paid, how long does it take?",
            ("claims.cost_and_denial",),
            """
            select
                dimension_value, claim_count, amount, paid_amount, reimbursement_rate,
                denied_count, denial_rate, first_pass_yield, median_days, p90_days
            from claims.cost_and_denial
            where {by} and {system}
            order by amount desc nulls last, dimension_value
            """,
            in_report=True,
        ),
        Question(
            "How many claims of a month are decided after so many months?",
            ("claims.lag_triangle",),
            """
            select
                lag_month,
                strftime(claim_month, '%Y-%m') as claim_month,
                sum(decided_so_far_count) / nullif(sum(claim_count), 0) as decided_share
            from claims.lag_triangle
            where {system} and lag_month between 0 and 11
            group by claim_month, lag_month
            order by claim_month, lag_month
            """,
            Chart(
                "heat",
                "lag_month",
                "decided_share",
                "months since the claim",
                "share decided so far",
                "claim_month",
                shows=".0%",
            ),
        ),
        Question(
            "How do payers compare?",
            ("claims.payer_performance",),
            """
            select
                payer, dimension_value, claim_count, amount, paid_amount, reimbursement_rate,
                denial_rate, first_pass_yield, median_days, p90_days
            from claims.payer_performance
            where {by} and {system}
            order by amount desc nulls last, payer, dimension_value
            """,
        ),
        Question(
            "Which providers stand out from their specialty?",
            ("claims.provider_performance",),
            """
            select
                provider_name, specialty, claim_count, average_amount, specialty_average_amount,
                denial_rate, specialty_denial_rate, median_days, review_claim_count
            from claims.provider_performance
            where {system}
            order by review_expected_value_amount desc nulls last, provider_id
            """,
        ),
        Question(
            "Which claims deserve a look first?",
            ("claims.review_list",),
            """
            select
                review_rank, claim_id, payer, specialty, status, claim_date, amount,
                reasons, amount_at_stake, expected_value_amount
            from claims.review_list
            where {system}
            order by review_rank
            """,
            none="No claim has a reason to look.",
            in_report=True,
        ),
    ),
)
