"""Action: say on which plans an employee is from when; what that changes is posted in the same transaction."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import insert

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.facts.gathered import gathered_in
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.ledger.post_differences import post_differences
from conveyor.bonuses.plans.queries import assignments_of, plans_of
from conveyor.bonuses.plans.rules import Assignment, EmployeeOfAnotherRole, check_assignments
from conveyor.bonuses.plans.tables import PlanAssignmentSet
from conveyor.bonuses.plans.views import AssignmentsView, AssignmentView
from conveyor.kit.http.etags import StaleRevision
from conveyor.roster.queries import known_employee


async def assign_plans(
    desk: Desk, *, employee_id: UUID, assignments: Sequence[Assignment], actor: str, if_match: int | None
) -> AssignmentsView:
    """Replace the employee's assignments by this set.

    Raises Invalid (unknown employee or plan, empty interval, overlap), EmployeeOfAnotherRole, and StaleRevision when
    `if_match` is given and is not the revision that stands.
    """
    employee = await known_employee(desk.database, employee_id)
    if employee.role != desk.role:
        raise EmployeeOfAnotherRole
    async with desk.database.transaction() as tx:
        plans = {plan.code for plan in await plans_of(tx.session, role=desk.role)}
        check_assignments(assignments, plans=plans)
        await lock_journal(tx)
        before = await assignments_of(tx.session, employee_id)
        if if_match not in {None, before.revision}:
            raise StaleRevision
        view = AssignmentsView(
            employee_id=employee_id,
            revision=before.revision + 1,
            assignments=[
                AssignmentView(plan=item.plan, from_on=item.from_on, until_on=item.until_on) for item in assignments
            ],
        )
        await tx.session.execute(
            insert(PlanAssignmentSet).values(
                employee_id=employee_id,
                revision=view.revision,
                assignments=[item.model_dump(mode="json") for item in view.assignments],
                actor=actor,
                recorded_at=tx.now,
            )
        )
        gathered_in(tx).employees.add(employee_id)
        tx.once_before_commit("bonuses", partial(post_differences, role=desk.role))
        return await tx.commit(view)
