"""What the stages' ledgers say, by names that are the same in every play of a story."""

from uuid import UUID

import asyncpg

from conveyor_local.department import STAGES
from conveyor_local.storyteller import Storyteller
from faults.linked_stack import LinkedStack

Line = tuple[str, str, str, str, str, str]
"""Stage, employee, component, cause as the outside knows it, lead, period."""
Sums = dict[Line, int]
"""Minor units; lines that sum to nothing are left out."""

_SUMS = """
    SELECT employee_id, component, cause_id, lead_id, period, sum(amount_minor)::bigint AS amount_minor
    FROM bonus_entries GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount_minor) <> 0
"""


async def ledger_sums(stack: LinkedStack, teller: Storyteller) -> Sums:
    """The sums of all three stages."""
    names = {UUID(number): name for name, number in (teller.employee_ids | teller.lead_ids).items()}
    own_causes = {str(number): name for number, name in names.items()}
    found: Sums = {}
    for stage in STAGES.values():
        session = await asyncpg.connect(stack.database_urls(stage).app)
        try:
            for row in await session.fetch(_SUMS):
                cause = own_causes.get(row["cause_id"], row["cause_id"])
                lead = names.get(row["lead_id"], str(row["lead_id"]))
                line = (stage, names[row["employee_id"]], row["component"], cause, lead, row["period"])
                found[line] = found.get(line, 0) + row["amount_minor"]
        finally:
            await session.close()
    return found
