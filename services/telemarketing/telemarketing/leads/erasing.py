"""What telemarketing erases of a lead, of one contact, of an employee."""

from conveyor.erasing.steps import IMPERSONAL, Steps, sql


def goes_by(contact: str, *, named: str) -> str:
    """For SQL: the phone or e-mail of the reference is the contact's, in any spelling; both are names of tables."""
    return rf"""
        ({named}.system = 'email' AND lower({named}.value) = lower({contact}.email)
        OR {named}.system = 'phone' AND right(regexp_replace({named}.value, '\D', '', 'g'), 10)
            = right(regexp_replace({contact}.phone, '\D', '', 'g'), 10))
    """


_FREE_WORDS = (
    sql("touches", "UPDATE telemarketing_touches SET note = NULL WHERE lead_id = :lead_id AND note IS NOT NULL"),
    sql("replies", "UPDATE telemarketing_replies SET body = NULL WHERE lead_id = :lead_id AND body IS NOT NULL"),
    sql("meetings", "UPDATE telemarketing_meetings SET place = NULL WHERE lead_id = :lead_id AND place IS NOT NULL"),
    sql(
        "handoff_answers",
        "UPDATE telemarketing_handoff_answers SET note = NULL WHERE lead_id = :lead_id AND note IS NOT NULL",
    ),
    sql("milestones", "UPDATE telemarketing_milestones SET note = NULL WHERE lead_id = :lead_id AND note IS NOT NULL"),
    sql(
        "nurtured_leads",
        "UPDATE telemarketing_nurtured_leads SET reason = NULL WHERE lead_id = :lead_id AND reason IS NOT NULL",
    ),
    sql(
        "calls",
        """
        UPDATE telemarketing_calls SET recording_url = NULL WHERE lead_id = :lead_id AND recording_url IS NOT NULL
        """,
    ),
)

STEPS: Steps = {
    "lead": (
        # Nobody is to call it again: it leaves the queue, and a late fact does not bring it back.
        sql(
            "leads",
            """
            UPDATE telemarketing_leads SET company_name = :pseudonym, inn = NULL, website = NULL, city = NULL,
                state = 'erased', erased_at = now(), revision = revision + 1
            WHERE lead_id = :lead_id AND erased_at IS NULL
            """,
        ),
        sql("contacts", "DELETE FROM telemarketing_contacts WHERE lead_id = :lead_id"),
        sql(
            "lead_references",
            f"DELETE FROM telemarketing_lead_references WHERE lead_id = :lead_id AND system NOT IN ({IMPERSONAL})",  # noqa: S608 - a list of ours
        ),
        *_FREE_WORDS,
    ),
    "contact": (
        # His names go before him, unless another contact of the lead goes by the same.
        sql(
            "lead_references",
            f"""
            DELETE FROM telemarketing_lead_references AS named
            USING telemarketing_contacts AS gone
            WHERE gone.contact_id = :person_id AND named.lead_id = :lead_id AND {goes_by("gone", named="named")}
                AND NOT EXISTS (
                    SELECT FROM telemarketing_contacts AS other
                    WHERE other.lead_id = :lead_id AND other.contact_id <> :person_id
                        AND {goes_by("other", named="named")}
                )
            """,  # noqa: S608 - conditions of ours
        ),
        sql("contacts", "DELETE FROM telemarketing_contacts WHERE contact_id = :person_id AND lead_id = :lead_id"),
        *_FREE_WORDS,
    ),
    "employee": (
        sql(
            "calls",
            """
            UPDATE telemarketing_calls SET recording_url = NULL
            WHERE employee_id = :person_id AND recording_url IS NOT NULL
            """,
        ),
    ),
}
