"""Action: ask for a manual adjustment. Nothing is posted until a second person approves it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.bonuses.adjustments.rules import DisputeOfSomebodyElse, DisputeWasRejected
from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.bonuses.adjustments.views import AdjustmentView, adjustment_view
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.disputes.queries import existing_dispute
from conveyor.bonuses.plans.terms import published_versions
from conveyor.bonuses.statements.queries import existing_employee
from conveyor.contracts.bonuses import BonusAdjustmentRequested
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.money import Money
from conveyor.kit.refusals import Invalid, NotFound
from conveyor.roster.queries import current_calendar


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. Without `component` the line stands under the reason's code; without `earned_on` today's."""

    amount: Money
    reason: str
    component: str | None = None
    reason_code: str | None = None
    earned_on: date | None = None
    lead_id: UUID | None = None


async def request_adjustment(
    desk: Desk, *, employee_id: UUID, wanted: Wanted, dispute_id: UUID | None, actor: str
) -> AdjustmentView:
    """Store the request and say so.

    Raises Invalid for an unknown employee, component, dispute or a day to come, DisputeOfSomebodyElse,
    DisputeWasRejected.
    """
    try:
        await existing_employee(desk, employee_id)
    except NotFound as unknown:
        raise Invalid.field("/employee_id", "nobody on the roster") from unknown
    async with desk.database.transaction() as tx:
        if dispute_id is not None:
            await _check_dispute(tx, dispute_id, employee_id)
        row = await add_request(desk, tx, employee_id=employee_id, wanted=wanted, dispute_id=dispute_id, actor=actor)
        return await tx.commit(adjustment_view(row))


async def add_request(
    desk: Desk, tx: Transaction, *, employee_id: UUID, wanted: Wanted, dispute_id: UUID | None, actor: str
) -> Adjustment:
    """Add the request to a transaction that the caller commits. Raises Invalid."""
    if wanted.component is not None:
        versions = await published_versions(tx.session, role=desk.role)
        if all(wanted.component != part.code for version in versions for part in version.components):
            raise Invalid.field("/component", "no plan of this role has such a component")
    today = (await current_calendar(tx.session)).calendar.day_of(tx.now)
    earned_on = wanted.earned_on or today
    if earned_on > today:
        raise Invalid.field("/earned_on", "must not lie in the future")
    row = Adjustment(
        adjustment_id=new_id(),
        employee_id=employee_id,
        component=wanted.component or wanted.reason_code,
        reason_code=wanted.reason_code,
        reason=wanted.reason,
        amount_minor=wanted.amount.amount_minor,
        currency=wanted.amount.currency,
        earned_on=earned_on,
        lead_id=wanted.lead_id,
        dispute_id=dispute_id,
        state="pending",
        requested_by=actor,
        requested_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    tx.say(
        BonusAdjustmentRequested(
            adjustment_id=row.adjustment_id,
            role=desk.role,
            employee_id=employee_id,
            component=row.component,
            amount=wanted.amount.to_wire(),
            earned_on=earned_on,
            dispute_id=dispute_id,
        )
    )
    return row


async def _check_dispute(tx: Transaction, dispute_id: UUID, employee_id: UUID) -> None:
    try:
        dispute = await existing_dispute(tx.session, dispute_id, lock=True)
    except NotFound as unknown:
        raise Invalid.field("/dispute_id", "no such dispute") from unknown
    if dispute.employee_id != employee_id:
        raise DisputeOfSomebodyElse
    if dispute.state == "rejected":
        raise DisputeWasRejected
