"""What needs a person now."""

from carehouse.apps.dashboard.question import Page, Question

TODAY = Page(
    path="today",
    title="Today",
    domain=None,
    mart="quality.published_domains",
    empty="Nothing has been published yet: `carehouse run`.",
    has_problems=True,
    questions=(
        Question(
            "Whom do we call for the next booked day, and why?",
            ("clinic.reception_priorities",),
            """
            select
                appt_start, patient_name, phone, physio_name, risk_bucket, priority_reason,
                missing_phone, missing_consent
            from clinic.reception_priorities
            where day = (
                select min(day) from clinic.reception_priorities where day > list_date
            )
            order by call_rank
            """,
            none="Nothing is booked after today.",
            todo="To print it: `carehouse priorities --format print`.",
        ),
        Question(
            "Whose phone number or consent is missing before they come?",
            ("clinic.reception_priorities",),
            """
            select day, patient_name, phone, missing_phone, missing_consent
            from clinic.reception_priorities
            where day > list_date and (missing_phone or missing_consent)
            order by day, call_rank
            """,
            none="Phone and consent are there for everybody who is booked.",
        ),
        Question(
            "Which recalls are overdue?",
            ("dental.recall_due",),
            """
            select first_name, last_name, phone, recall_type, due_date, overdue_days, reminder_count
            from dental.recall_due
            where is_overdue and next_appointment_at is null
            order by overdue_days desc, recall_id
            """,
            none="None.",
        ),
        Question(
            "Which participants have not been contacted for 30 days?",
            ("care.participant_outcomes",),
            """
            select
                participant_id, participant_name, risk_level, last_contact_date,
                days_since_last_contact
            from care.participant_outcomes
            where days_since_last_contact > 30
            order by days_since_last_contact desc, participant_id
            """,
            none="Everybody was contacted within 30 days.",
        ),
        Question(
            "Which claims deserve a look first?",
            ("claims.review_list",),
            """
            select review_rank, claim_id, payer, amount, reasons, expected_value_amount
            from claims.review_list
            order by review_rank
            """,
            none="None.",
        ),
    ),
)
