"""The clinic's day and its trend."""

from carehouse.apps.dashboard.question import Chart, Filter, Page, Question

PERIOD = Filter(
    "days",
    "Period",
    "select * from (values ('28', 'four weeks'), ('91', 'three months'), ('365', 'a year')) "
    "as periods (days, label)",
    "day >= (select max(as_of_date) from quality.published_domains where domain = 'clinic') "
    "- cast({value} as integer)",
    "clinic.daily_kpis",
    default="91",
)
PHYSIO = Filter(
    "physio",
    "Physiotherapist",
    "select physio_id, coalesce(physio_name, physio_id) from clinic.dim_physios order by 2",
    "physio_id = {value}",
    "clinic.dim_physios",
)

CLINIC = Page(
    path="clinic",
    title="Clinic",
    domain="clinic",
    mart="clinic.fact_appointments",
    empty="No appointments yet: put the clinic's CSV files into `inbox/clinic/raw/` (once) and "
    "`inbox/clinic/daily/YYYY-MM-DD/` (each day), then `carehouse run`.",
    filters=(PERIOD, PHYSIO),
    questions=(
        Question(
            "How was the last full day, beside the same weekday a week before?",
            ("clinic.daily_kpis",),
            """
            select
                kpis.day,
                kpis.bookings,
                kpis.bookings - before.bookings as bookings_change,
                kpis.completed,
                kpis.completed - before.completed as completed_change,
                kpis.cancellations,
                kpis.cancellations - before.cancellations as cancellations_change,
                kpis.no_shows,
                kpis.no_shows - before.no_shows as no_shows_change,
                kpis.show_rate,
                kpis.revenue_paid,
                kpis.revenue_paid - before.revenue_paid as revenue_paid_change,
                kpis.utilization_rate
            from clinic.daily_kpis as kpis
            left join clinic.daily_kpis as before on before.day = kpis.day - 7
            where kpis.is_complete and kpis.bookings > 0
            order by kpis.day desc
            limit 1
            """,
            is_figures=True,
            in_report=True,
        ),
        Question(
            "How do bookings and visits develop?",
            ("clinic.kpi_trend_weekly",),
            """
            select day, kpi, visits
            from (
                select week_start_date as day, bookings, completed, cancellations, no_shows
                from clinic.kpi_trend_weekly
                where is_complete
            ) unpivot (visits for kpi in (bookings, completed, cancellations, no_shows))
            where {days}
            order by day, kpi
            """,
            Chart(
                "line", "day", "visits", "week", "appointments per week", "kpi", x_shows="%d %b %y"
            ),
            in_report=True,
        ),
        Question(
            "What share of the expected visits took place?",
            ("clinic.kpi_trend_weekly",),
            """
            select day, show_rate, show_rate_low, show_rate_high
            from (select *, week_start_date as day from clinic.kpi_trend_weekly where is_complete)
            where {days}
            order by day
            """,
            Chart(
                "line",
                "day",
                "show_rate",
                "week",
                "show rate, with its 95 % interval",
                low="show_rate_low",
                high="show_rate_high",
                shows=".0%",
                x_shows="%d %b %y",
            ),
            in_report=True,
        ),
        Question(
            "How much of the available time was attended, per physiotherapist?",
            ("clinic.physio_utilization_daily",),
            """
            select physio, kind, hours
            from (
                select
                    coalesce(physio_name, physio_id) as physio,
                    sum(attended_hours) as attended_hours,
                    sum(available_hours) as available_hours
                from clinic.physio_utilization_daily
                where is_complete and {days} and {physio}
                group by 1
                order by available_hours desc nulls last, physio
                limit 20
            ) unpivot (hours for kind in (attended_hours, available_hours))
            order by physio, kind desc
            """,
            Chart("beside", "physio", "hours", "", "hours in the period", "kind"),
            todo="The twenty with the most hours at most.",
        ),
        Question(
            "How long before the visit do people cancel?",
            ("clinic.cancellations_by_notice",),
            """
            select
                notice_bucket as notice,
                sum(cancellations) as cancellations
            from clinic.cancellations_by_notice
            where is_complete and {days}
            group by notice_bucket
            order by sum(cancellations) desc
            """,
            Chart("bar", "notice", "cancellations", "notice", "cancellations in the period"),
            none="Nobody canceled in this period.",
        ),
        Question(
            "Do new patients come back?",
            ("clinic.retention_monthly",),
            """
            select
                first_visit_month, patients, returned_within_30_days, return_rate_30d,
                returned_patients, return_rate, without_future_appointment, is_small_sample
            from clinic.retention_monthly
            order by first_visit_month desc
            limit 12
            """,
        ),
        Question(
            "How does each weekday do?",
            ("clinic.kpis_by_weekday",),
            """
            select weekday, day_count, bookings_per_day, show_rate, utilization_rate, revenue_paid
            from clinic.kpis_by_weekday
            order by weekday
            """,
        ),
        Question(
            "What is free in the coming two weeks?",
            ("clinic.coming_capacity",),
            """
            select day, physio_name, booked_hours, available_hours, free_hours, free_slots
            from clinic.coming_capacity
            where {physio}
            order by day, physio_name
            """,
            none="No coming day is in the book.",
        ),
        Question(
            "Who owes us, since when?",
            ("clinic.owed_visits",),
            """
            select
                patient_name, phone, owed_amount, age_days, appointment_date, is_part_paid
            from clinic.owed_visits
            order by owed_amount desc, age_days desc
            """,
            none="Every visit is paid.",
        ),
    ),
)
