"""Stored rows → the engine's facts. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from conveyor.bonuses.engine.facts import (
    AcceptanceFact,
    ContractFact,
    DealFact,
    LeadFacts,
    MeetingHeldFact,
    OwnerChangeFact,
    PaymentFact,
    RefundFact,
    WithdrawalFact,
    WorkFact,
)
from conveyor.kit.money import Money


class StoredFact(Protocol):
    """A row of `bonus_facts`."""

    kind: str
    lead_id: UUID
    employee_id: UUID | None
    occurred_at: datetime
    event_id: UUID
    body: dict[str, Any]


def lead_facts(lead_id: UUID, rows: Iterable[StoredFact]) -> LeadFacts:
    """Everything stored of one lead, as the engine reads it."""
    return facts_of_parts(lead_id, map(read_fact, rows))


def read_fact(row: StoredFact) -> tuple[str, Any]:
    """The field of LeadFacts that the row belongs to, and the fact."""
    part, read = _READERS[row.kind]
    return part, read(row)


def facts_of_parts(lead_id: UUID, read: Iterable[tuple[str, Any]]) -> LeadFacts:
    """One lead's facts from what `read_fact` gave."""
    parts: dict[str, list[Any]] = {}
    for part, fact in read:
        parts.setdefault(part, []).append(fact)
    return LeadFacts(lead_id=lead_id, **{part: tuple(facts) for part, facts in parts.items()})


def work(row: StoredFact) -> WorkFact:
    """A touch or a booked meeting."""
    body = row.body
    return WorkFact(
        fact_id=row.event_id,
        kind=body.get("kind", "meeting_booked"),
        employee_id=_known_id(body["employee_id"]),
        lead_id=row.lead_id,
        occurred_at=row.occurred_at,
        meeting_id=_id(body.get("meeting_id")),
        handoff_id=_id(body.get("handoff_id")),
    )


def withdrawal(row: StoredFact) -> WithdrawalFact:
    """A meeting cancelled or missed names its meeting, a handoff returned its handoff."""
    meeting = row.kind != "handoff_returned"
    return WithdrawalFact(
        fact_id=row.event_id,
        kind=row.kind,  # type: ignore[arg-type] # the readers below list exactly these kinds
        occurred_at=row.occurred_at,
        meeting_id=_id(row.body.get("meeting_id")) if meeting else None,
        handoff_id=None if meeting else _id(row.body.get("handoff_id")),
        reason=row.body.get("reason"),
    )


def _payment(row: StoredFact) -> PaymentFact:
    body = row.body
    return PaymentFact(
        fact_id=row.event_id,
        source=body["source"],
        payment_id=body["payment_id"],
        lead_id=row.lead_id,
        paid_at=row.occurred_at,
        amount=_money(body["amount"]),
        reference=(body["reference"]["system"], body["reference"]["value"]),
        vat=_money(body["vat"]) if body.get("vat") else None,
        delivery_id=_once(body.get("delivery_id")),
    )


def _refund(row: StoredFact) -> RefundFact:
    body = row.body
    return RefundFact(
        fact_id=row.event_id,
        source=body["source"],
        refund_id=body["refund_id"],
        payment_id=body["payment_id"],
        lead_id=row.lead_id,
        refunded_at=row.occurred_at,
        amount=_money(body["amount"]),
        delivery_id=_once(body.get("delivery_id")),
    )


def _acceptance(row: StoredFact) -> AcceptanceFact:
    body = row.body
    return AcceptanceFact(
        fact_id=row.event_id,
        handoff_id=_known_id(body["handoff_id"]),
        from_stage=body["from_stage"],
        to_stage=body["to_stage"],
        employee_id=_known_id(body["employee_id"]),
        lead_id=row.lead_id,
        occurred_at=row.occurred_at,
        deal_id=_id(body.get("deal_id")),
    )


def _owner_change(row: StoredFact) -> OwnerChangeFact:
    body = row.body
    return OwnerChangeFact(
        fact_id=row.event_id,
        lead_id=row.lead_id,
        employee_id=_known_id(body["employee_id"]),
        from_at=row.occurred_at,
        revision=body["revision"],
        deal_id=_id(body.get("deal_id")),
    )


def _deal(row: StoredFact) -> DealFact:
    body = row.body
    return DealFact(
        fact_id=row.event_id,
        deal_id=_known_id(body["deal_id"]),
        lead_id=row.lead_id,
        opened_at=row.occurred_at,
        handoff_id=_id(body.get("handoff_id")),
    )


def _contract(row: StoredFact) -> ContractFact:
    body = row.body
    return ContractFact(
        fact_id=row.event_id,
        deal_id=_known_id(body["deal_id"]),
        lead_id=row.lead_id,
        number=body["number"],
        signed_at=row.occurred_at,
        references=tuple((item["system"], item["value"]) for item in body["references"]),
    )


def _meeting_held(row: StoredFact) -> MeetingHeldFact:
    return MeetingHeldFact(
        fact_id=row.event_id,
        meeting_id=_known_id(row.body["meeting_id"]),
        lead_id=row.lead_id,
        occurred_at=row.occurred_at,
    )


def _money(wire: dict[str, str]) -> Money:
    # The contract checked the text when it came; checking every stored amount again would cost more than evaluating it.
    return Money(int(wire["amount"].replace(".", "")), wire["currency"])


@lru_cache(maxsize=8192)
def _known_id(text: str) -> UUID:
    # People, deals and handoffs come again with every fact of their leads.
    return UUID(text)


def _once(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _id(text: str | None) -> UUID | None:
    return _known_id(text) if text else None


PAYMENT_KINDS = ("payment_received", "payment_refunded")
WORK_KINDS = ("touch_recorded", "meeting_booked")
WITHDRAWAL_KINDS = ("meeting_cancelled", "meeting_missed", "handoff_returned")

# Stored kind → field of LeadFacts, and how a row becomes one of its facts.
_READERS: dict[str, tuple[str, Callable[[StoredFact], object]]] = {
    "payment_received": ("payments", _payment),
    "payment_refunded": ("refunds", _refund),
    "handoff_accepted": ("acceptances", _acceptance),
    "deal_owner_changed": ("owner_changes", _owner_change),
    "client_owner_changed": ("owner_changes", _owner_change),
    "deal_opened": ("deals", _deal),
    "contract_signed": ("contracts", _contract),
    "meeting_held": ("meetings_held", _meeting_held),
    **dict.fromkeys(WORK_KINDS, ("work", work)),
    **dict.fromkeys(WITHDRAWAL_KINDS, ("withdrawals", withdrawal)),
}

STORED_KINDS = tuple(_READERS)
"""The kinds of facts that are stored with a lead."""
