"""What closing erases of a lead, of one contact."""

from conveyor.erasing.steps import IMPERSONAL, Steps, sql

_FREE_WORDS = (
    sql("deals", "UPDATE deals SET loss_note = NULL WHERE lead_id = :lead_id AND loss_note IS NOT NULL"),
    sql(
        "deal_criteria",
        """
        UPDATE deal_criteria SET answer = :pseudonym, evidence = NULL FROM deals
        WHERE deals.deal_id = deal_criteria.deal_id AND deals.lead_id = :lead_id AND answer <> :pseudonym
        """,
    ),
    sql(
        "deal_meetings",
        """
        UPDATE deal_meetings SET place = NULL FROM deals
        WHERE deals.deal_id = deal_meetings.deal_id AND deals.lead_id = :lead_id AND place IS NOT NULL
        """,
    ),
)

STEPS: Steps = {
    "lead": (
        sql(
            "deals",
            """
            UPDATE deals SET company_name = :pseudonym, revision = revision + 1
            WHERE lead_id = :lead_id AND company_name <> :pseudonym
            """,
        ),
        *_FREE_WORDS,
        sql(
            "deal_references",
            f"""
            DELETE FROM deal_references USING deals
            WHERE deals.deal_id = deal_references.deal_id AND deals.lead_id = :lead_id AND system NOT IN ({IMPERSONAL})
            """,  # noqa: S608 - a list of ours
        ),
        sql(
            "deal_payments",
            f"""
            UPDATE deal_payments SET reference_system = 'lead_id', reference_value = lead_id::text
            WHERE lead_id = :lead_id AND reference_system NOT IN ({IMPERSONAL})
            """,  # noqa: S608 - a list of ours
        ),
    ),
    "contact": (
        *_FREE_WORDS,
        sql(
            "deal_references",
            """
            DELETE FROM deal_references USING deals
            WHERE deals.deal_id = deal_references.deal_id AND deals.lead_id = :lead_id AND system IN ('phone', 'email')
            """,
        ),
        sql(
            "deal_payments",
            """
            UPDATE deal_payments SET reference_system = 'lead_id', reference_value = lead_id::text
            WHERE lead_id = :lead_id AND reference_system IN ('phone', 'email')
            """,
        ),
    ),
}
