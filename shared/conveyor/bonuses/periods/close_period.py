"""Action: close a month for good. Posts what is paid at closing, freezes a statement per employee, says so."""

import json
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.facts.queries import first_business_instant
from conveyor.bonuses.ledger.append import head_of, lock_journal
from conveyor.bonuses.ledger.queries import first_period, posted_in_period
from conveyor.bonuses.ledger.rules import Posted
from conveyor.bonuses.periods.at_close import at_close_lines, post_at_close
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.periods.rules import EarlierPeriodsOpen, NotCaughtUp, PeriodAlreadyClosed, PeriodNotEnded
from conveyor.bonuses.periods.tables import ClosedPeriod
from conveyor.bonuses.periods.views import PeriodView
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


async def close_period(desk: Desk, *, month: Month, actor: str) -> PeriodView:
    """Close the month; of two callers at once one wins and the other is told that it is closed.

    Raises PeriodNotEnded, NotCaughtUp, PeriodAlreadyClosed, EarlierPeriodsOpen (naming them in `periods`).
    """
    await _check_ended(desk, month)
    # Outside the transaction: under the journal's lock the consumer could not finish what is waited for.
    if not await desk.caught_up(seconds_max=desk.patience_seconds):
        raise NotCaughtUp
    async with desk.database.transaction() as tx:
        await lock_journal(tx)
        before = await closed_through(tx.session)
        if before is not None and month <= before:
            raise PeriodAlreadyClosed(period=str(month))
        await _check_earlier(desk, tx.session, month=month, before=before)
        await post_at_close(tx, month, role=desk.role)
        view = await _freeze(desk, tx, month=month, actor=actor)
        return await tx.commit(view)


async def _check_ended(desk: Desk, month: Month) -> None:
    async with desk.database.reading() as session:
        calendar = (await current_calendar(session)).calendar
    if calendar.end_of_month(month) > desk.database.clock.now():
        raise PeriodNotEnded(period=str(month))


async def _check_earlier(desk: Desk, session: AsyncSession, *, month: Month, before: Month | None) -> None:
    calendar = (await current_calendar(session)).calendar
    first = await first_business_instant(session)
    earlier = before.plus(1) if before else (month if first is None else calendar.month_of(first))
    # A manual entry may be dated before every fact.
    first_posted = await first_period(session)
    if before is None and first_posted is not None:
        earlier = min(earlier, first_posted)
    still_open: list[str] = []
    while earlier < month:
        posted = await posted_in_period(session, str(earlier))
        if posted or await at_close_lines(session, earlier, role=desk.role):
            still_open.append(str(earlier))
        earlier = earlier.plus(1)
    if still_open:
        raise EarlierPeriodsOpen(periods=still_open)


async def _freeze(desk: Desk, tx: Transaction, *, month: Month, actor: str) -> PeriodView:
    entries = await posted_in_period(tx.session, str(month))
    by_employee: dict[UUID, list[Posted]] = {
        employee_id: [] for employee_id in await _employed_in(tx.session, month, role=desk.role)
    }
    for entry in entries:
        by_employee.setdefault(entry.employee_id, []).append(entry)
    head = await head_of(tx.session)
    await tx.session.execute(
        insert(ClosedPeriod).values(
            period=str(month),
            closed_at=tx.now,
            closed_by=actor,
            statements=len(by_employee),
            journal_no=head.journal_no,
            chain_head=head.hash,
        )
    )
    await _insert_statements(desk, tx.session, month=month, by_employee=by_employee)
    fact = BonusPeriodClosed(
        period=str(month),
        role=desk.role,
        statements=len(by_employee),
        totals=tuple(total.to_wire() for total in sums_of(entries)),
        journal_no=head.journal_no,
        chain_head=head.hash,
    )
    tx.say(fact)
    return PeriodView(
        id=str(month),
        period=str(month),
        state="closed",
        closed_at=tx.now,
        closed_by=actor,
        statements=fact.statements,
        totals=list(fact.totals),
        journal_no=head.journal_no,
        chain_head=head.hash,
    )


async def _insert_statements(
    desk: Desk, session: AsyncSession, *, month: Month, by_employee: dict[UUID, list[Posted]]
) -> None:
    currency = (await current_calendar(session)).currency
    rows = []
    for employee_id, entries in sorted(by_employee.items()):
        document = statement_document(
            employee_id=employee_id, role=desk.role, period=str(month), currency=currency, lines=net_lines(entries)
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
