"""Entries as they are answered."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.money import Money


class EntryView(AnswerModel):
    """One entry of the journal; it never changes. `reverses` names the entry that a reversal negates."""

    id: UUID
    journal_no: int
    employee_id: UUID
    role: str
    component: str
    plan_code: str
    plan_version: int
    cause: str
    cause_id: str
    lead_id: UUID | None
    earned_on: date
    period: str
    kind: str
    reverses: UUID | None
    revision: int
    amount: WireMoney
    recorded_at: datetime
    prev_hash: str
    hash: str


class EntryFeed(AnswerModel):
    """A piece of the journal, oldest first. Ask again with `after=next_after`.

    `watermark` and `chain_head` are the journal's last number and hash at the time of reading.
    """

    items: list[EntryView]
    next_after: int
    next_cursor: str | None
    watermark: int
    chain_head: str


class EntryExplanation(AnswerModel):
    """The reason of one line as it was stored when it was posted; `text` is all of it in words, one sentence each."""

    entry: EntryView
    lang: Literal["en", "ru"]
    text: list[str]
    explanation: dict[str, Any]


class ExplainedEntry(AnswerModel):
    """An entry with its stored reason."""

    entry: EntryView
    explanation: dict[str, Any]


class ExplanationFeed(AnswerModel):
    """A piece of the journal with the stored reasons, oldest first. Ask again with `after=next_after`."""

    items: list[ExplainedEntry]
    next_after: int
    watermark: int
    chain_head: str


class VerificationView(AnswerModel):
    """Whether the chain holds. `first_broken` is the lowest journal number that does not, with what is wrong there."""

    valid: bool
    entries: int
    watermark: int
    chain_head: str
    first_broken: int | None = None
    problem: str | None = None


def entry_view(entry: BonusEntry) -> EntryView:
    """The entry without its explanation."""
    names = EntryView.model_fields.keys() - {"id", "amount"}
    values = {name: getattr(entry, name) for name in names}
    return EntryView(id=entry.entry_id, amount=Money(entry.amount_minor, entry.currency).to_wire(), **values)
