"""Which deliveries are about a lead, and which of them may speak of others too.

A statement of a bank tells payments of many clients in one request, and a CRM packs changes of many things into one;
some of them may have no words in the bus, and so leave no trace beside the body. So a body is the lead's own only where
the kind of its source tells one thing at a time: then it is what the delivery became, or, without facts, what all its
names belong to. What an employee is called in an outside system may stand in it, as it may in every call.
"""

from sqlalchemy import ColumnElement, TextClause, text

from conveyor.erasing.subjects import Subject
from handoff_bus.sources.kinds.registry import KINDS

RAW = ("body", "headers", "fetched", "names", "detail", "facts")
"""What of a delivery may speak of others."""

OF_THE_LEAD = """
    deliveries.lead_id = :lead_id
    OR deliveries.delivery_id IN (
        SELECT CAST(CAST(body AS jsonb) #>> '{data,delivery_id}' AS uuid)
        FROM (SELECT key, body FROM outbox UNION ALL SELECT key, body FROM outbox_log) AS said
        WHERE key = CAST(:lead_id AS text) AND body IS NOT NULL
    )
    OR deliveries.delivery_id IN (
        SELECT waits.delivery_id FROM delivery_waits AS waits JOIN correlated_references AS named
            ON waits.thing = 'lead:' || named.system || ':' || named.value
        WHERE named.lead_id = :lead_id
    )
    OR deliveries.lead_id IS NULL AND deliveries.facts = '[]' AND deliveries.state NOT IN ('received', 'parked')
        AND deliveries.names && ARRAY(
            SELECT named.system || ':' || named.value FROM correlated_references AS named
            WHERE named.lead_id = :lead_id
        )
"""
"""By its facts (a statement speaks of many), by itself, still waiting for one of its names, or settled without a fact.

The last is what repeats another delivery, contradicts it or was set aside.
"""

_OF_OTHERS = """
    deliveries.raw_removed_at IS NULL AND NOT (
        EXISTS (
            SELECT FROM sources
            WHERE sources.source_id = deliveries.source_id AND sources.kind = ANY (CAST(:telling_one AS text[]))
        )
        AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(deliveries.facts) AS said
            WHERE said ->> 'key' <> CAST(:lead_id AS text)
        )
        AND (
            deliveries.facts <> '[]'
            OR cardinality(deliveries.names) > 0 AND NOT EXISTS (
                SELECT FROM correlated_references AS theirs
                WHERE theirs.system || ':' || theirs.value = ANY (deliveries.names) AND theirs.lead_id <> :lead_id
            )
        )
    )
"""


def is_about_the_lead(subject: Subject) -> ColumnElement[bool]:
    """Deliveries that say something about the subject's lead."""
    return _condition(text(f"({OF_THE_LEAD})").bindparams(lead_id=subject.lead_id))


def may_speak_of_others(subject: Subject) -> ColumnElement[bool]:
    """Of these, those that may say something about others too."""
    telling_one = [kind.name for kind in KINDS.values() if kind.tells_one]
    return _condition(text(f"({_OF_OTHERS})").bindparams(lead_id=subject.lead_id, telling_one=telling_one))


def _condition(statement: TextClause) -> ColumnElement[bool]:
    return statement  # type: ignore[return-value] # a text is a condition like any other
