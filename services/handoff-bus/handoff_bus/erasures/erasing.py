"""What the bus erases of its own rows."""

from conveyor.erasing.steps import IMPERSONAL, Steps, sql
from handoff_bus.erasures.spoken_of import OF_THE_LEAD

_DEAD_LETTERS = """
    UPDATE announced_dead_letters SET reason = 'erased', settled_reason = NULL
    WHERE key = CAST(CAST(:{key} AS uuid) AS text) AND reason <> 'erased'
"""
_SHARED = (
    # Whatever came over the wire about the lead. The key and the hash of the body stay, so that the same delivery is
    # known when it comes again.
    sql(
        "deliveries",
        f"""
        UPDATE deliveries SET body = ''::bytea, headers = '{{}}', fetched = NULL, names = '{{}}',
            detail = NULL, raw_removed_at = now(),
            state = CASE WHEN state IN ('received', 'parked') THEN 'rejected' ELSE state END,
            reason = CASE WHEN state IN ('received', 'parked') THEN 'erased' ELSE reason END
        WHERE raw_removed_at IS NULL AND ({OF_THE_LEAD})
        """,  # noqa: S608 - a condition of ours
    ),
    # What was searched for by a name of the lead; the replay itself is told by its outcomes.
    sql(
        "delivery_replays",
        """
        UPDATE delivery_replays SET asked = asked - 'reference' - 'text'
        WHERE finished_at IS NOT NULL AND asked ->> 'reference' IN (
            SELECT system || ':' || value FROM correlated_references WHERE lead_id = :lead_id)
        """,
    ),
    sql(
        "delivery_waits",
        """
        DELETE FROM delivery_waits USING deliveries
        WHERE deliveries.delivery_id = delivery_waits.delivery_id AND deliveries.reason = 'erased'
        """,
    ),
    # What was to be told outside is told no more; the log of what was told stays, without its words.
    sql(
        "dispatches",
        """
        UPDATE dispatches SET state = 'cancelled', next_at = NULL, ended_at = now()
        WHERE lead_id = :lead_id AND state IN ('pending', 'held')
        """,
    ),
    sql("dispatched_facts", "UPDATE dispatched_facts SET body = '' WHERE lead_id = :lead_id AND body <> ''"),
    sql(
        "dispatch_attempts",
        """
        UPDATE dispatch_attempts SET detail = NULL FROM dispatches
        WHERE dispatches.dispatch_id = dispatch_attempts.dispatch_id AND lead_id = :lead_id AND detail IS NOT NULL
        """,
    ),
    sql(
        "write_back_attempts",
        """
        UPDATE write_back_attempts SET detail = NULL FROM write_backs
        WHERE write_backs.write_back_id = write_back_attempts.write_back_id AND lead_id = :lead_id
            AND detail IS NOT NULL
        """,
    ),
    sql("announced_dead_letters", _DEAD_LETTERS.format(key="lead_id")),
    sql(
        "references_awarded",
        """
        UPDATE correlated_references SET awarded_reason = NULL
        WHERE lead_id = :lead_id AND awarded_reason IS NOT NULL
        """,
    ),
    sql(
        "handoff_facts",
        """
        UPDATE watched_handoff_facts SET note = NULL FROM watched_handoffs AS watched
        WHERE watched.handoff_id = watched_handoff_facts.handoff_id AND watched.lead_id = :lead_id AND note IS NOT NULL
        """,
    ),
    sql(
        "journey_steps",
        """
        UPDATE journey_steps SET summary = '' WHERE lead_id = :lead_id AND summary <> '' AND type IN (
            'lead_recorded', 'lead_received', 'reference_assigned', 'reference_awarded', 'touch_recorded',
            'deal_criterion_answered')
        """,
    ),
)
# Facts about leads name employees by their id alone.
_OF_HIM_ALONE = "CAST(CAST(nullif(body, '') AS jsonb) #>> '{data,employee_id}' AS uuid) = :person_id"
_OF_HIM = f"type = 'employee_recorded.v1' AND {_OF_HIM_ALONE}"


def _names(which: str) -> str:
    return f"""
        UPDATE paid_payments SET names = (
            SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements(names) AS one WHERE NOT one ->> 0 {which})
        WHERE lead_id = :lead_id AND EXISTS (
            SELECT FROM jsonb_array_elements(names) AS one WHERE one ->> 0 {which})
    """  # noqa: S608 - conditions of this file


STEPS: Steps = {
    "lead": (
        *_SHARED,
        sql(
            "references",
            f"DELETE FROM correlated_references WHERE lead_id = :lead_id AND system NOT IN ({IMPERSONAL})",  # noqa: S608 - a list of ours
        ),
        sql("paid_payments", _names(f"NOT IN ({IMPERSONAL})")),
    ),
    # Whose a phone is, the bus does not know: those of the contact come with the request (request_erasure.py).
    "contact": (*_SHARED, sql("paid_payments", _names("IN ('phone', 'email')"))),
    "employee": (
        sql("announced_dead_letters", _DEAD_LETTERS.format(key="person_id")),
        sql(
            "dispatches",
            f"""
            UPDATE dispatches SET state = 'cancelled', next_at = NULL, ended_at = now()
            WHERE state IN ('pending', 'held') AND event_id IN (SELECT event_id FROM dispatched_facts WHERE {_OF_HIM})
            """,  # noqa: S608 - a condition of this file
        ),
        # An empty body is of somebody erased too: an answer that came between the two looks goes with the second.
        sql(
            "dispatch_attempts",
            f"""
            UPDATE dispatch_attempts SET detail = NULL FROM dispatches JOIN dispatched_facts USING (event_id)
            WHERE dispatches.dispatch_id = dispatch_attempts.dispatch_id AND detail IS NOT NULL
                AND dispatched_facts.type = 'employee_recorded.v1' AND (body = '' OR {_OF_HIM_ALONE})
            """,  # noqa: S608 - the same
        ),
        sql("dispatched_facts", f"UPDATE dispatched_facts SET body = '' WHERE {_OF_HIM}"),  # noqa: S608 - the same
    ),
}
