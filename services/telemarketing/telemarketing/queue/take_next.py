"""Giving the next lead to an SDR, and to nobody else meanwhile."""

from datetime import timedelta
from itertools import product
from typing import Final
from uuid import UUID

from sqlalchemy import Select, or_, select, text

from conveyor.kit.database import Transaction
from telemarketing.history.queries import lead_with_history
from telemarketing.leads.leavers import settle_due_owners
from telemarketing.leads.tables import WORKABLE, Lead
from telemarketing.queue.answers import NextLead
from telemarketing.queue.queries import script_for
from telemarketing.sdrs import check_still_here, known_sdr
from telemarketing.standing.rules import QUEUE_RANKS
from telemarketing.wiring import Desk

_SETTLED_ON_THE_WAY_MAX: Final = 100


async def take_next(desk: Desk, *, employee_id: UUID) -> NextLead | None:
    """The SDR's next lead, leased to him; None when nothing waits for him.

    Warm leads first, then due replies and callbacks, then the longest untouched; within each, his own before those of
    nobody. Each call gives another lead; one that he does not touch comes back when its lease ends.
    Raises Invalid and EmployeeHasLeft.
    """
    employee = await known_sdr(desk.database, employee_id)
    await check_still_here(desk.database, employee, desk.database.clock.now())
    async with desk.database.transaction() as tx:
        await settle_due_owners(tx, leads_max=_SETTLED_ON_THE_WAY_MAX)
        lead = await _next_free(tx, employee_id)
        if lead is None:
            return await tx.commit(None)
        lead.leased_to = employee_id
        lead.leased_until = tx.now + timedelta(minutes=desk.settings.queue_lease_minutes)
        await tx.session.flush()
        answer = NextLead(
            **dict(await lead_with_history(tx.session, lead)),
            lead_id=lead.lead_id,
            script=await script_for(tx.session, lead.segment),
            leased_until=lead.leased_until,
        )
        return await tx.commit(answer)


async def _next_free(tx: Transaction, employee_id: UUID) -> Lead | None:
    # One probe of the queue's index for each rank and owner: the cost does not grow with the number of leads.
    for rank, owner_id in product(QUEUE_RANKS, (employee_id, None)):
        lead = await tx.session.scalar(_free(tx, rank=rank, owner_id=owner_id))
        if lead is not None:
            return lead
    return None


def _free(tx: Transaction, *, rank: int, owner_id: UUID | None) -> Select[Lead]:
    # The lease is a column of the locked row, not a table beside it: PostgreSQL checks the condition again on the row's
    # newest version, so a lead leased by a transaction that ended in between is passed over.
    return (
        select(Lead)
        .where(
            text(WORKABLE),
            Lead.owner_id.is_(None) if owner_id is None else Lead.owner_id == owner_id,
            Lead.queue_rank == rank,
            Lead.next_contact_at <= tx.now,
            or_(Lead.leased_until.is_(None), Lead.leased_until <= tx.now),
        )
        .order_by(Lead.next_contact_at, Lead.lead_id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
