"""What a batch holds and how its rows come out of entries. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.statements.rules import NetLine, net_lines
from conveyor.contracts.payroll import PayoutRow
from conveyor.kit.money import Money
from conveyor.kit.refusals import Refusal

PART_BYTES_MAX = 240 * 1024
"""A part travels with its envelope under 256 KiB."""


class PeriodNotClosed(Refusal):
    """A batch is made of a closed period; close it first."""


class PayoutBatchExists(Refusal):
    """This period has its batch already."""


class PayrollNumberUnknown(Refusal):
    """Somebody in the batch is not in the roster yet; try again in a moment."""


class BatchNotExported(Refusal):
    """Export the batch before acknowledging it."""


class BatchAlreadyAcknowledged(Refusal):
    """The batch was acknowledged under another run."""


class ControlTotalsDiffer(Refusal):
    """Your control totals are not those of the batch."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid, as the payroll file names him."""

    payroll_number: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Entries that go into a batch, and the nets of those who stay out because something would be negative."""

    entries: list[Posted]
    carried_forward: dict[UUID, list[Money]]


def select_payable(entries: Iterable[Posted]) -> Selection:
    """Take everybody's entries but those of an employee whose net would be negative in any currency."""
    by_employee: dict[UUID, list[Posted]] = {}
    for entry in entries:
        by_employee.setdefault(entry.employee_id, []).append(entry)
    taken: list[Posted] = []
    left_out: dict[UUID, list[Money]] = {}
    for employee_id, own in sorted(by_employee.items()):
        nets: dict[str, int] = {}
        for entry in own:
            nets[entry.currency] = nets.get(entry.currency, 0) + entry.amount_minor
        if any(net < 0 for net in nets.values()):
            left_out[employee_id] = [Money(nets[currency], currency) for currency in sorted(nets)]
        else:
            taken.extend(own)
    return Selection(entries=taken, carried_forward=left_out)


def rows_of(
    entries: Iterable[Posted],
    *,
    batch_id: str,
    period: str,
    role: str,
    payees: Mapping[UUID, Payee],
    lead_names: Mapping[UUID, str],
) -> list[PayoutRow]:
    """One row per employee, component, cause, lead and currency: the net of its entries; none where it is zero."""
    by_employee: dict[UUID, list[Posted]] = {}
    for entry in entries:
        by_employee.setdefault(entry.employee_id, []).append(entry)
    return [
        _row(line, batch_id=batch_id, period=period, role=role, payee=payees[employee_id], lead_names=lead_names)
        for employee_id, own in by_employee.items()
        for line in net_lines(own)
    ]


def _row(
    line: NetLine, *, batch_id: str, period: str, role: str, payee: Payee, lead_names: Mapping[UUID, str]
) -> PayoutRow:
    return PayoutRow(
        batch_id=batch_id,
        period=period,
        payroll_number=payee.payroll_number,
        employee=payee.full_name,
        role=role,
        component=line.component,
        lead="" if line.lead_id is None else lead_names.get(line.lead_id, ""),
        earned_on=line.earned_on,
        amount=line.amount.text,
        currency=line.amount.currency,
        cause_id=line.cause_id,
    )


def parts_of(rows: Iterable[PayoutRow]) -> list[tuple[PayoutRow, ...]]:
    """The rows in their order, in parts that fit into one fact each."""
    parts: list[list[PayoutRow]] = []
    size = PART_BYTES_MAX
    for row in rows:
        # With escapes the text on the wire is at most this long.
        row_bytes = len(row.model_dump_json(ensure_ascii=True)) + 2
        if size + row_bytes > PART_BYTES_MAX:
            parts.append([])
            size = 0
        parts[-1].append(row)
        size += row_bytes
    return [tuple(part) for part in parts]
