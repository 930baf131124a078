"""What acceptance and return share: who answers, when, and whether this handoff is his to answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.handoffs.models import AcceptHandoff
from conveyor.handoffs.queries import arrived, received_for_update
from conveyor.handoffs.rules import may_answer, refuse_answer_before_offer, refuse_unless_offered
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.business_time import business_time
from conveyor.kit.database import Database, Transaction
from conveyor.kit.http.auth import ROLES_THAT_NAME_THE_EMPLOYEE, Principal, acting_employee
from conveyor.kit.refusals import NotFound
from conveyor.roster.queries import current_calendar, find_employee, working_employee
from conveyor.roster.rules import employed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Somebody's answer to a handoff; `answered_at` is business time."""

    principal: Principal
    handoff_id: UUID
    employee_id: UUID
    answered_at: datetime


async def answer_of(
    *,
    database: Database,
    stage: ReceivingStage,
    principal: Principal,
    handoff_id: UUID,
    said: AcceptHandoff,
    backdating_days_max: int,
) -> Answer:
    """Check who and when. Waits up to two seconds each for the offer and the employee to arrive.

    Raises NotFound for an unknown handoff, Invalid for a time that may not be or a person who is not of the receiving
    role or not employed then, Forbidden when somebody names another person.
    """
    employee_id = acting_employee(principal, said.employee_id)
    answered_at = business_time(
        said.occurred_at,
        now=database.clock.now(),
        principal_role=principal.role,
        backdating_days_max=backdating_days_max,
    )
    await arrived(database, handoff_id)
    await working_employee(database, employee_id, role=stage.role, at=answered_at)
    return Answer(principal=principal, handoff_id=handoff_id, employee_id=employee_id, answered_at=answered_at)


async def handoff_to_answer(tx: Transaction, answer: Answer) -> ReceivedHandoff:
    """The handoff, locked and open. Raises NotFound when it is routed to somebody else, a named refusal when answered.

    Integration and admin answer for whomever they name: history knows better than the routing of today.
    """
    handoff = await received_for_update(tx.session, answer.handoff_id)
    if handoff is None:
        raise NotFound
    if answer.principal.role not in ROLES_THAT_NAME_THE_EMPLOYEE and not may_answer(
        routed_to=handoff.routed_to,
        routed_is_gone=await _is_gone(tx, handoff.routed_to),
        employee_id=answer.employee_id,
    ):
        raise NotFound
    refuse_unless_offered(handoff.state)
    refuse_answer_before_offer(answered_at=answer.answered_at, offered_at=handoff.offered_at)
    return handoff


async def _is_gone(tx: Transaction, employee_id: UUID | None) -> bool:
    if employee_id is None:
        return False
    employee = await find_employee(tx.session, employee_id)
    calendar = (await current_calendar(tx.session)).calendar
    return employee is None or not employed_at(employee, tx.now, calendar)
