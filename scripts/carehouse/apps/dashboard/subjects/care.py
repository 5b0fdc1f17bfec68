"""The care program: what came of it, what it cost, and one participant's way."""

from carehouse.apps.dashboard.question import Chart, Filter, Page, Question

PARTICIPANT = Filter(
    "participant",
    "Participant",
    "select participant_id, concat_ws(', ', participant_name, participant_id) "
    "from care.participant_outcomes order by 2",
    "participant_id = {value}",
    "care.participant_outcomes",
)

CARE = Page(
    path="care",
    title="Care",
    domain="care",
    mart="care.participant_outcomes",
    empty="No participants yet: put their workbooks into `inbox/workbooks/` and Word notes into "
    "`inbox/notes/`, then `carehouse run`.",
    filters=(PARTICIPANT,),
    questions=(
        Question(
            "Where does the program stand?",
            ("care.participant_outcomes",),
            """
            select
                count(*) as participants,
                sum(intervention_count) as interventions,
                sum(total_spend_amount) as spent,
                sum(medical_spend_amount) as of_it_medical,
                count(growth_change) as participants_with_growth_known,
                count(case when growth_change > 0 then 1 end) as of_them_grown
            from care.participant_outcomes
            where {participant}
            """,
            is_figures=True,
            in_report=True,
        ),
        Question(
            "Does spending go with growth?",
            ("care.participant_outcomes",),
            """
            select participant_id, total_spend_amount, growth_change
            from care.participant_outcomes
            where growth_change is not null and total_spend_amount is not null and {participant}
            order by participant_id
            """,
            Chart(
                "point",
                "total_spend_amount",
                "growth_change",
                "spent so far",
                "growth levels gained",
                shows="d",
            ),
            none="Nobody has both spending and two growth levels.",
            todo="One point a participant; those with fewer than two growth levels are left out.",
            in_report=True,
        ),
        Question(
            "Does more contact go with more growth?",
            ("care.growth_by_contact_frequency",),
            "select band_name, participants, average_contacts_per_month, average_growth_change, "
            "correlation, correlation_participants from care.growth_by_contact_frequency "
            "order by band_number",
            in_report=True,
        ),
        Question(
            "What do we spend a month, on what?",
            ("care.program_burn_rate_monthly",),
            """
            with largest as (
                select program_category
                from care.program_burn_rate_monthly
                group by program_category
                order by sum(spent_amount) desc nulls last
                limit 5
            )

            select
                month,
                case
                    when program_category in (select * from largest) then program_category
                    else 'all others'
                end as category,
                sum(spent_amount) as spent_amount
            from care.program_burn_rate_monthly
            where month is not null
            group by 1, 2
            order by month, category
            """,
            Chart(
                "bar", "month", "spent_amount", "month", "spent per month, by category", "category"
            ),
            in_report=True,
        ),
        Question(
            "Who stays, by the risk they joined with?",
            ("care.retention_by_risk",),
            """
            select months_since_joining, coalesce(initial_risk_level, 'Unknown') as risk,
                retention_rate, at_risk_count
            from care.retention_by_risk
            order by risk, months_since_joining
            """,
            Chart(
                "line",
                "months_since_joining",
                "retention_rate",
                "months since joining",
                "share still in the program",
                "risk",
                shows=".0%",
            ),
            in_report=True,
        ),
        Question(
            "What came of each participant?",
            ("care.participant_outcomes",),
            """
            select
                participant_id, participant_name, current_status, risk_level,
                intervention_count, first_growth_level, latest_growth_level, growth_change,
                total_spend_amount, days_since_last_contact
            from care.participant_outcomes
            where {participant}
            order by days_since_last_contact desc nulls last, participant_id
            """,
        ),
        Question(
            "What happened to this participant?",
            ("care.fact_interventions", "care.fact_program_expenses"),
            """
            select interaction_date as day, 'contact' as kind, summary as what,
                growth_level, cast(null as decimal(12, 2)) as amount, _source_file, _source_row
            from care.fact_interventions
            where {participant} and not is_duplicate
            union all
            select expense_date, 'expense', concat_ws(': ', program_category, details),
                null, amount, _source_file, _source_row
            from care.fact_program_expenses
            where {participant} and not is_duplicate
            order by day desc nulls last, kind
            """,
            needs="participant",
        ),
    ),
)
