"""What has to be posted so that the ledger says what the engine says. Pure: no I/O, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from conveyor.bonuses.engine.lines import Line, LineKey
from conveyor.kit.calendar import Month

EntryKind = Literal["accrual", "reversal", "adjustment", "manual"]


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as far as the comparison needs it."""

    entry_id: UUID
    journal_no: int
    role: str
    component: str
    plan_code: str
    plan_version: int
    cause: str
    cause_id: str
    lead_id: UUID | None
    employee_id: UUID
    earned_on: date
    kind: EntryKind
    reverses: UUID | None
    revision: int
    amount_minor: int
    currency: str

    @property
    def key(self) -> LineKey:
        """The line that the entry belongs to, as in `Line.key`."""
        return (self.component, self.cause, self.lead_id, self.employee_id, self.currency)


@dataclass(frozen=True, slots=True)
class Reversal:
    """Negate this entry; `replacement` is the line that takes its place, None when nothing does."""

    entry: Posted
    revision: int
    replacement: Line | None


@dataclass(frozen=True, slots=True)
class Accrual:
    """Post this line."""

    line: Line
    revision: int
    by_hand: bool = False

    @property
    def kind(self) -> EntryKind:
        """A refund's line takes back without negating a whole entry: an adjustment. What people decide is manual."""
        if self.by_hand:
            return "manual"
        return "accrual" if self.line.amount.amount_minor > 0 else "adjustment"


Posting = Reversal | Accrual


def differences(*, desired: Iterable[Line], posted: Iterable[Posted]) -> list[Posting]:
    """Reversals and accruals, ordered by line, that make the posted lines equal to the desired ones.

    An entry that should say something else is negated as it was stored and the line posted again under the next
    revision; an entry that is right stays untouched. Manual entries are nobody's line and stay.
    """
    wanted = {line.key: line for line in desired}
    known: dict[LineKey, list[Posted]] = {}
    for entry in posted:
        if entry.kind != "manual":
            known.setdefault(entry.key, []).append(entry)
    result: list[Posting] = []
    for key in sorted(wanted.keys() | known.keys(), key=_order):
        result.extend(_differences_of_line(wanted.get(key), known.get(key, [])))
    return result


def _differences_of_line(line: Line | None, entries: list[Posted]) -> list[Posting]:
    gone = {entry.reverses for entry in entries if entry.reverses is not None}
    live = [entry for entry in entries if entry.kind != "reversal" and entry.entry_id not in gone]
    kept = next((entry for entry in live if line is not None and _says(entry, line)), None)
    revision = max((entry.revision for entry in entries), default=0)
    result: list[Posting] = []
    for entry in live:
        if entry is not kept:
            revision += 1
            result.append(Reversal(entry=entry, revision=revision, replacement=line))
    if line is not None and kept is None:
        result.append(Accrual(line=line, revision=revision + 1))
    return result


def _says(entry: Posted, line: Line) -> bool:
    stored = (entry.amount_minor, entry.earned_on, entry.cause_id, entry.plan_code, entry.plan_version)
    return stored == (line.amount.amount_minor, line.earned_on, line.cause_id, line.plan_code, line.plan_version)


def _order(key: LineKey) -> tuple[str, ...]:
    return tuple(str(part) for part in key)


def period_for(earned_on: date, *, closed_through: Month | None) -> Month:
    """The month of `earned_on` while it is open, else the earliest open month after it."""
    month = Month.of(earned_on)
    if closed_through is None or month > closed_through:
        return month
    return closed_through.plus(1)
