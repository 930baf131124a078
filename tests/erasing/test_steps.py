"""Each step of each service on its real tables; what the journey does not happen to reach is at least good SQL."""

from uuid import UUID

import pytest

from account.clients import erasing as clients
from closing.deals import erasing as deals
from conveyor.bonuses.facts import erasing as bonus_facts
from conveyor.erasing.erase_here import erase_here
from conveyor.erasing.steps import Steps, joined
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.handoffs import erasing as inbox
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.roster import erasing as roster_copy
from handoff_bus.erasures import erasing as bus
from telemarketing.leads import erasing as leads
from tests.servers import FreshDatabase

STEPS: dict[str, Steps] = {
    "telemarketing": joined(leads.STEPS, roster_copy.STEPS, bonus_facts.STEPS),
    "closing": joined(deals.STEPS, inbox.STEPS, roster_copy.STEPS, bonus_facts.STEPS),
    "account": joined(clients.STEPS, inbox.STEPS, roster_copy.STEPS, bonus_facts.STEPS),
    "handoff-bus": bus.STEPS,
}


@pytest.mark.parametrize("service", STEPS)
@pytest.mark.parametrize("kind", ["lead", "contact", "employee"])
async def test_every_step_runs_as_the_services_own_role(
    fresh_database: FreshDatabase, service: str, kind: SubjectKind
) -> None:
    database = Database(fresh_database(service).app, service=service, clock=SystemClock())
    subject_id: UUID = new_id()
    lead_id = {"lead": subject_id, "contact": new_id(), "employee": None}[kind]
    try:
        async with database.transaction() as tx:
            changed = await erase_here(tx, Subject(kind, subject_id, lead_id), STEPS[service])
            again = await erase_here(tx, Subject(kind, subject_id, lead_id), STEPS[service])
            await tx.commit()
    finally:
        await database.close()

    assert (changed, again) == ({}, {})
