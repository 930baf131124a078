"""What account erases of a lead, of one contact."""

from conveyor.erasing.steps import IMPERSONAL, Steps, sql

STEPS: Steps = {
    "lead": (
        sql(
            "clients",
            """
            UPDATE clients SET company_name = :pseudonym, revision = revision + 1
            WHERE lead_id = :lead_id AND company_name <> :pseudonym
            """,
        ),
        sql(
            "client_payments",
            f"""
            UPDATE client_payments SET reference_system = 'lead_id', reference_value = lead_id::text
            WHERE lead_id = :lead_id AND reference_system NOT IN ({IMPERSONAL})
            """,  # noqa: S608 - a list of ours
        ),
    ),
    "contact": (
        sql(
            "client_payments",
            """
            UPDATE client_payments SET reference_system = 'lead_id', reference_value = lead_id::text
            WHERE lead_id = :lead_id AND reference_system IN ('phone', 'email')
            """,
        ),
    ),
}
