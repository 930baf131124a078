"""Part of an action: freeze what the journal says of a month into a statement per employee, with its watermark."""

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.append import head_of
from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.periods.tables import ClosedPeriod
from conveyor.bonuses.statements.rules import net_lines, statement_document, statement_hash
from conveyor.contracts.payroll import BonusPeriodClosed
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.kit.money import Money
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee

_STATEMENTS = text(
    """
    INSERT INTO bonus_statements (period, employee_id, document, hash)
    SELECT period, employee_id, document, hash
    FROM jsonb_populate_recordset(NULL::bonus_statements, CAST(:rows AS jsonb))
    """
)


async def freeze_month(
    tx: Transaction, month: Month, *, role: BonusRole, closed_at: datetime, closed_by: str
) -> BonusPeriodClosed:
    """Close the month as the journal stands, and give the fact of it; the caller holds the journal's lock."""
    entries = await posted_in_period(tx.session, str(month))
    by_employee: dict[UUID, list[Posted]] = {
        employee_id: [] for employee_id in await _employed_in(tx.session, month, role=role)
    }
    for entry in entries:
        by_employee.setdefault(entry.employee_id, []).append(entry)
    head = await head_of(tx.session)
    await tx.session.execute(
        insert(ClosedPeriod).values(
            period=str(month),
            closed_at=closed_at,
            closed_by=closed_by,
            statements=len(by_employee),
            journal_no=head.journal_no,
            chain_head=head.hash,
        )
    )
    await _insert_statements(tx.session, month, role=role, by_employee=by_employee)
    return BonusPeriodClosed(
        period=str(month),
        role=role,
        statements=len(by_employee),
        totals=tuple(total.to_wire() for total in sums_of(entries)),
        journal_no=head.journal_no,
        chain_head=head.hash,
    )


async def _insert_statements(
    session: AsyncSession, month: Month, *, role: BonusRole, by_employee: dict[UUID, list[Posted]]
) -> None:
    currency = (await current_calendar(session)).currency
    rows = []
    for employee_id, entries in sorted(by_employee.items()):
        document = statement_document(
            employee_id=employee_id, role=role, period=str(month), currency=currency, lines=net_lines(entries)
        )
        rows.append(
            {
                "period": str(month),
                "employee_id": str(employee_id),
                "document": document,
                "hash": statement_hash(document),
            }
        )
    await session.execute(_STATEMENTS, {"rows": json.dumps(rows, ensure_ascii=False)})


async def _employed_in(session: AsyncSession, month: Month, *, role: str) -> set[UUID]:
    statement = select(Employee.employee_id).where(
        Employee.role == role,
        Employee.hired_on <= month.last_day,
        or_(Employee.left_on.is_(None), Employee.left_on > month.first_day),
    )
    return set(await session.scalars(statement))


def sums_of(entries: Iterable[Posted]) -> list[Money]:
    """The sum of every currency, by its code."""
    sums: dict[str, Money] = {}
    for entry in entries:
        amount = Money(entry.amount_minor, entry.currency)
        sums[entry.currency] = sums.get(entry.currency, Money.zero(entry.currency)) + amount
    return [sums[code] for code in sorted(sums)]
