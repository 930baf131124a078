"""Action: say what an employee is asked for in a month or quarter. Every revision stays."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.norms import Period, months_of
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.publication_rules import QuotaOfClosedPeriod
from conveyor.bonuses.plans.rules import EmployeeOfAnotherRole
from conveyor.bonuses.plans.tables import Quota
from conveyor.bonuses.plans.version_views import QuotaRevisionView, QuotaView
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.money import Money
from conveyor.roster.queries import known_employee


async def set_quota(
    desk: Desk,
    *,
    employee_id: UUID,
    period: Period,
    amount: Money | None,
    count: int | None,
    actor: str,
    if_match: int | None,
) -> QuotaView:
    """Store another revision of the quota: a sum or a count.

    Raises Invalid (unknown employee), EmployeeOfAnotherRole, QuotaOfClosedPeriod, StaleRevision when `if_match` is
    given and is not the revision that stands.
    """
    employee = await known_employee(desk.database, employee_id)
    if employee.role != desk.role:
        raise EmployeeOfAnotherRole
    async with desk.database.transaction() as tx:
        await lock_journal(tx)
        closed = await closed_through(tx.session)
        if closed is not None and months_of(period)[0] <= closed:
            raise QuotaOfClosedPeriod(closed_through=str(closed))
        before = await quota_view(tx.session, employee_id, str(period))
        if if_match not in {None, before.revision}:
            raise StaleRevision
        await tx.session.execute(
            insert(Quota).values(
                employee_id=employee_id,
                period=str(period),
                revision=before.revision + 1,
                amount_minor=None if amount is None else amount.amount_minor,
                currency=None if amount is None else amount.currency,
                count=count,
                actor=actor,
                recorded_at=tx.now,
            )
        )
        return await tx.commit(await quota_view(tx.session, employee_id, str(period)))


async def quota_view(session: AsyncSession, employee_id: UUID, period: str) -> QuotaView:
    """The quota that stands with its history."""
    statement = select(Quota).where(Quota.employee_id == employee_id, Quota.period == period)
    history = [
        QuotaRevisionView(
            revision=row.revision,
            amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency or "").to_wire(),
            count=row.count,
            actor=row.actor,
            recorded_at=row.recorded_at,
        )
        for row in await session.scalars(statement.order_by(Quota.revision))
    ]
    last = history[-1] if history else None
    return QuotaView(
        employee_id=employee_id,
        period=period,
        revision=last.revision if last else 0,
        amount=last.amount if last else None,
        count=last.count if last else None,
        history=history,
    )
