"""A month of one employee as lines: the net of entries, and what the closing would add. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from conveyor.bonuses.engine.lines import Line, LineKey
from conveyor.bonuses.ledger.chain import canonical_json
from conveyor.bonuses.ledger.rules import Posted
from conveyor.kit.money import Money
from conveyor.kit.refusals import Refusal


class PeriodNotInReview(Refusal):
    """The month is still open; there is a statement to sign once it is in review or closed."""


class StatementChanged(Refusal):
    """The statement is not the one that you read; read it again before you sign."""


@dataclass(frozen=True, slots=True)
class NetLine:
    """The net of the entries of one line; without `entry_ids` it is not in the ledger yet."""

    component: str
    cause: str
    cause_id: str
    lead_id: UUID | None
    earned_on: date
    amount: Money
    entry_ids: tuple[UUID, ...] = ()


def net_lines(entries: Iterable[Posted], *, computed: Iterable[Line] = ()) -> list[NetLine]:
    """One line per (component, cause, lead, currency) of one employee, those that net to nothing left out.

    `earned_on` is that of the newest entry. The order depends on what is known outside, not on ids.
    """
    by_key: dict[LineKey, list[Posted]] = {}
    for entry in entries:
        by_key.setdefault(entry.key, []).append(entry)
    lines = [_net(group) for group in by_key.values()]
    lines += [
        NetLine(line.component, line.cause, line.cause_id, line.lead_id, line.earned_on, line.amount)
        for line in computed
    ]
    return sorted((line for line in lines if line.amount), key=_order)


def _net(group: list[Posted]) -> NetLine:
    newest = max(group, key=lambda entry: entry.journal_no)
    return NetLine(
        component=newest.component,
        cause=newest.cause,
        cause_id=newest.cause_id,
        lead_id=newest.lead_id,
        earned_on=newest.earned_on,
        amount=Money(sum(entry.amount_minor for entry in group), newest.currency),
        entry_ids=tuple(entry.entry_id for entry in group),
    )


def _order(line: NetLine) -> tuple[str, ...]:
    return (
        line.earned_on.isoformat(),
        line.component,
        line.cause_id,
        line.amount.currency,
        line.amount.text,
        str(line.lead_id),
    )


def totals_of(lines: Iterable[NetLine], *, currency: str) -> tuple[Money, list[Money]]:
    """The sum in the department's currency, and those in other currencies by code."""
    sums: dict[str, Money] = {currency: Money.zero(currency)}
    for line in lines:
        code = line.amount.currency
        sums[code] = sums.get(code, Money.zero(code)) + line.amount
    total = sums.pop(currency)
    return total, [sums[code] for code in sorted(sums)]


def statement_document(
    *, employee_id: UUID, role: str, period: str, currency: str, lines: list[NetLine]
) -> dict[str, Any]:
    """A closed month as it is frozen: plain JSON, ids and no names."""
    total, others = totals_of(lines, currency=currency)
    return {
        "employee_id": str(employee_id),
        "role": role,
        "period": period,
        "total": _wire(total),
        "other_totals": [_wire(other) for other in others],
        "lines": [
            {
                "component": line.component,
                "cause": line.cause,
                "cause_id": line.cause_id,
                "lead_id": None if line.lead_id is None else str(line.lead_id),
                "earned_on": line.earned_on.isoformat(),
                "amount": _wire(line.amount),
                "entry_ids": [str(entry_id) for entry_id in line.entry_ids],
            }
            for line in lines
        ],
    }


def statement_hash(document: dict[str, Any]) -> str:
    """SHA-256 over the document's canonical JSON."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def lines_hash(document: dict[str, Any]) -> str:
    """The hash of what the statement says without the ids of its entries: equal for a draft and what it froze into."""
    lines = [{name: value for name, value in line.items() if name != "entry_ids"} for line in document["lines"]]
    return statement_hash({**document, "lines": lines})


def _wire(money: Money) -> dict[str, str]:
    return {"amount": money.text, "currency": money.currency}
