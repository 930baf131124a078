"""What the stages' ledgers say and what was said at all, by names that are the same in every play of a story."""

from uuid import UUID

import asyncpg

from conveyor_local.department import SERVICES, STAGES
from conveyor_local.storyteller import Storyteller
from faults.linked_stack import LinkedStack

Line = tuple[str, str, str, str, str, str]
"""Stage, employee, component, cause as the outside knows it, lead, period."""
Sums = dict[Line, int]
"""Minor units; lines that sum to nothing are left out."""

Said = dict[tuple[str, str, str], int]
"""Service, kind, lead or person: how many facts."""

_SUMS = """
    SELECT employee_id, component, cause_id, lead_id, period, sum(amount_minor)::bigint AS amount_minor
    FROM bonus_entries GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount_minor) <> 0
"""
# The others depend on when something happened, not on what.
# A call is said when it comes, under its lead if the lead is known by then and else under its employee: that depends on
# the order of webhooks and decides no pay, so calls are counted by employee.
_SAID = """
    SELECT kind, CASE WHEN kind = 'call_recorded' THEN CAST(body AS jsonb) #>> '{data,employee_id}' ELSE key END AS key,
        count(*) AS times
    FROM (SELECT split_part(subject, '.', 3) AS kind, key, body FROM outbox_log) AS logged
    WHERE kind NOT IN (
        'backlog_reported', 'publications_listed', 'intake_compared', 'handoff_due_soon', 'handoff_overdue'
    )
    GROUP BY 1, 2
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


async def facts_said(stack: LinkedStack, teller: Storyteller) -> Said:
    """How many facts each service said about each lead and person; the keys that no story names are one."""
    names = {number: name for name, number in (teller.employee_ids | teller.lead_ids).items()}
    found: Said = {}
    for service in SERVICES:
        session = await asyncpg.connect(stack.database_urls(service).app)
        try:
            for row in await session.fetch(_SAID):
                what = (service, row["kind"], names.get(row["key"], "other"))
                found[what] = found.get(what, 0) + row["times"]
        finally:
            await session.close()
    return found
