"""The dental practice: production, collections, receivables, acceptance, recall."""

from carehouse.apps.dashboard.question import Chart, Filter, Page, Question

FAMILY = Filter(
    "family",
    "Family (guarantor) for the ledger",
    """
    select guarantor_id, 'family ' || guarantor_id || ', owes ' || balance_total
    from dental.accounts_receivable_aging
    where balance_total <> 0
    order by balance_total desc
    limit 200
    """,
    "guarantor_id = try_cast({value} as bigint)",  # casting the column reads all of the ledger
    "dental.accounts_receivable_aging",
)

DENTAL = Page(
    path="dental",
    title="Dental",
    domain="dental",
    mart="dental.fact_procedures",
    empty="No practice yet: set `OPENDENTAL_URL` (and `OPENDENTAL_REPLICA_URL`) in `.env`, or put "
    "its tables as CSV or Parquet into `inbox/opendental/`, then `carehouse run`.",
    filters=(FAMILY,),
    questions=(
        Question(
            "How was the last full month, beside the month before?",
            ("dental.practice_overview_monthly",),
            """
            select
                months.month,
                months.net_production,
                months.net_production - before.net_production as net_production_change,
                months.total_income,
                months.total_income - before.total_income as total_income_change,
                months.collection_rate,
                months.patients_seen,
                months.patients_seen - before.patients_seen as patients_seen_change,
                months.new_patients,
                months.new_patients - before.new_patients as new_patients_change,
                months.broken_rate,
                months.utilization_rate
            from dental.practice_overview_monthly as months
            left join dental.practice_overview_monthly as before
                on before.month = months.month - interval 1 month
            where months.is_complete
            order by months.month desc
            limit 1
            """,
            is_figures=True,
            in_report=True,
        ),
        Question(
            "What was produced and collected?",
            ("dental.practice_overview_monthly",),
            """
            select month, kind, amount
            from (
                select month, net_production, total_income
                from dental.practice_overview_monthly
                where is_complete
                order by month desc
                limit 24
            ) unpivot (amount for kind in (net_production, total_income))
            order by month, kind
            """,
            Chart("line", "month", "amount", "month", "amount per month", "kind"),
            in_report=True,
        ),
        Question(
            "How old are receivables?",
            ("dental.accounts_receivable_aging_monthly",),
            """
            select month, age, amount
            from (
                select month, balance_0_30, balance_31_60, balance_61_90, balance_over_90
                from dental.accounts_receivable_aging_monthly
                where is_complete
                order by month desc
                limit 24
            ) unpivot (
                amount for age in (balance_0_30, balance_31_60, balance_61_90, balance_over_90)
            )
            order by month, age
            """,
            Chart(
                "bar", "month", "amount", "end of month", "owed, by days since the charge", "age"
            ),
            in_report=True,
        ),
        Question(
            "Which families owe most?",
            ("dental.accounts_receivable_aging",),
            """
            select
                guarantor_id, balance_0_30, balance_31_60, balance_61_90, balance_over_90,
                balance_total, insurance_estimate, patient_portion
            from dental.accounts_receivable_aging
            where {family}
            order by balance_total desc, guarantor_id
            """,
        ),
        Question(
            "What stands in this family's ledger?",
            ("dental.fact_ledger",),
            """
            select
                transaction_date, transaction_kind, patient_id, amount, source_table, source_id
            from dental.fact_ledger
            where {family}
            order by transaction_date desc, ledger_key
            """,
            needs="family",
        ),
        Question(
            "How much of the treatment planned in a month was accepted?",
            ("dental.practice_overview_monthly",),
            """
            select month, rate, share
            from (
                select month, acceptance_rate, patient_acceptance_rate
                from dental.practice_overview_monthly
                where is_acceptance_mature
                order by month desc
                limit 24
            ) unpivot (share for rate in (acceptance_rate, patient_acceptance_rate))
            order by month, rate
            """,
            Chart(
                "line",
                "month",
                "share",
                "month planned",
                "share accepted, by money and by patients",
                "rate",
                shows=".0%",
            ),
            none="No month is old enough to judge.",
            todo="Only months after which the time to accept is over.",
            in_report=True,
        ),
        Question(
            "Do hygiene patients come back?",
            ("dental.hygiene_retention_monthly",),
            """
            select month, rate, share
            from (
                select month, reappointment_rate, retention_rate
                from dental.hygiene_retention_monthly
                where is_complete
                order by month desc
                limit 24
            ) unpivot (share for rate in (reappointment_rate, retention_rate))
            order by month, rate
            """,
            Chart(
                "line", "month", "share", "month", "share of hygiene patients", "rate", shows=".0%"
            ),
        ),
        Question(
            "Who is due for recall?",
            ("dental.recall_due",),
            """
            select
                first_name, last_name, phone, recall_type, due_date, overdue_days,
                reminder_count, next_appointment_at
            from dental.recall_due
            order by overdue_days desc, recall_id
            """,
            none="Nobody is due.",
        ),
        Question(
            "How full was each provider's time in the last three months?",
            ("dental.provider_utilization_daily", "dental.dim_providers"),
            """
            select provider, kind, hours
            from (
                select
                    coalesce(
                        providers.abbreviation, cast(minutes.provider_id as varchar)
                    ) as provider,
                    sum(minutes.kept_minutes) / 60 as kept_hours,
                    sum(minutes.open_minutes) / 60 as open_hours
                from dental.provider_utilization_daily as minutes
                left join dental.dim_providers as providers using (provider_id)
                where minutes.is_complete and minutes.day > (
                    select max(as_of_date) from quality.published_domains where domain = 'dental'
                ) - 91
                group by 1
                order by sum(minutes.kept_minutes) desc nulls last, provider
                limit 20
            ) unpivot (hours for kind in (kept_hours, open_hours))
            order by provider, kind desc
            """,
            Chart("beside", "provider", "hours", "", "hours in three months", "kind"),
            todo="The twenty with the most kept hours at most.",
        ),
        Question(
            "What did each category of treatment bring in the last full month?",
            ("dental.procedure_insights",),
            """
            select
                procedure_category, completed_procedures, production_amount, production_share,
                paid_rate, acceptance_rate, is_small_sample
            from dental.procedure_insights
            where month = (select max(month) from dental.procedure_insights where is_complete)
            order by production_amount desc nulls last
            """,
            in_report=True,
        ),
    ),
)
