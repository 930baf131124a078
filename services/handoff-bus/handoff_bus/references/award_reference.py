"""Decide to which of two leads an outside name belongs."""

from uuid import UUID

from sqlalchemy import select, update

from conveyor.contracts.references import ReferenceAwarded
from conveyor.contracts.values import Reference
from conveyor.kit.context import current_context
from conveyor.kit.database import Database, Transaction
from conveyor.kit.refusals import NotFound, Refusal
from handoff_bus.deliveries.wake import awaited_lead, lock_correlation, wake
from handoff_bus.references.queries import ReferenceView, view_of
from handoff_bus.references.tables import ClaimedReference


class ReferenceNotInConflict(Refusal):
    """Only a claim in conflict with another lead's can be awarded; this one stands already."""


async def award_reference(database: Database, *, reference_id: UUID, reason: str) -> ReferenceView:
    """Give the name to the lead of this claim; the claim that stood so far becomes the one in conflict.

    It counts for what comes or is settled from now on; what was said under the name before stays with the other lead.
    Raises NotFound or ReferenceNotInConflict.
    """
    async with database.transaction() as tx:
        await lock_correlation(tx)
        claim = await tx.session.scalar(
            select(ClaimedReference).where(ClaimedReference.reference_id == reference_id).with_for_update()
        )
        if claim is None:
            raise NotFound
        if claim.state != "conflict":
            raise ReferenceNotInConflict
        from_lead_id = await _take_away(tx, claim)
        claim.state = "active"
        claim.awarded_at, claim.awarded_reason = tx.now, reason
        claim.awarded_by = current_context().actor
        await tx.session.flush()
        tx.say(
            ReferenceAwarded(
                lead_id=claim.lead_id,
                reference=Reference(system=claim.system, value=claim.value),
                deal_id=claim.deal_id,
                from_lead_id=from_lead_id,
                reason=reason,
            )
        )
        await wake(tx, [awaited_lead(claim.system, claim.value)])
        return await tx.commit(view_of(claim))


async def _take_away(tx: Transaction, claim: ClaimedReference) -> UUID:
    # Before the other is granted: the database lets one claim on an exclusive name stand.
    holder: UUID | None = await tx.session.scalar(
        update(ClaimedReference)
        .where(
            ClaimedReference.system == claim.system,
            ClaimedReference.value == claim.value,
            ClaimedReference.state == "active",
        )
        .values(state="conflict")
        .returning(ClaimedReference.lead_id)
    )
    if holder is None:
        raise ReferenceNotInConflict
    return holder
