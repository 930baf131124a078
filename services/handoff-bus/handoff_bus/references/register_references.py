"""Remember which lead an outside name means, and wake the deliveries that came under this name before."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, tuple_, update

from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.wake import awaited_lead, lock_correlation, wake
from handoff_bus.references.rules import Claim, new_claims
from handoff_bus.references.tables import ClaimedReference

_MEET = text("""
    INSERT INTO correlated_leads (lead_id, recorded_at) SELECT unnest(CAST(:lead_ids AS uuid[])), :now
    ON CONFLICT (lead_id) DO NOTHING RETURNING lead_id
""")


async def register_references(tx: Transaction, *, lead_ids: set[UUID], claims: Sequence[Claim]) -> None:
    """Make these leads and names known, in the transaction of whoever learned them. Repeating changes nothing.

    A second lead's claim on an exclusive name is kept as a conflict. Takes the correlation lock.
    """
    await lock_correlation(tx)
    met = await tx.session.scalars(_MEET, {"lead_ids": sorted(lead_ids), "now": tx.now})
    things = {awaited_lead("lead_id", str(lead_id)) for lead_id in met}
    holders = await _holders(tx, claims)
    decided = new_claims(claims, {name: leads.keys() for name, leads in holders.items()})
    if decided:
        await tx.session.execute(insert(ClaimedReference), [_row(tx, claim, granted) for claim, granted in decided])
    things |= {awaited_lead(*claim.name) for claim, granted in decided if granted}
    await _name_deals(tx, claims, holders)
    await wake(tx, things)


async def _holders(tx: Transaction, claims: Sequence[Claim]) -> dict[tuple[str, str], dict[UUID, UUID | None]]:
    if not claims:
        return {}
    rows = await tx.session.execute(
        select(
            ClaimedReference.system, ClaimedReference.value, ClaimedReference.lead_id, ClaimedReference.deal_id
        ).where(tuple_(ClaimedReference.system, ClaimedReference.value).in_(sorted({claim.name for claim in claims})))
    )
    holders: defaultdict[tuple[str, str], dict[UUID, UUID | None]] = defaultdict(dict)
    for system, value, lead_id, deal_id in rows:
        holders[system, value][lead_id] = deal_id
    return dict(holders)


async def _name_deals(
    tx: Transaction, claims: Sequence[Claim], holders: dict[tuple[str, str], dict[UUID, UUID | None]]
) -> None:
    """The lead may have been known by this name before its deal was."""
    for claim in claims:
        known = holders.get(claim.name, {})
        if claim.deal_id is not None and known.get(claim.lead_id, claim.deal_id) is None:
            await tx.session.execute(
                update(ClaimedReference)
                .where(
                    ClaimedReference.system == claim.system,
                    ClaimedReference.value == claim.value,
                    ClaimedReference.lead_id == claim.lead_id,
                )
                .values(deal_id=claim.deal_id)
            )


def _row(tx: Transaction, claim: Claim, granted: bool) -> dict[str, object]:  # noqa: FBT001 - private, called once
    return {
        "reference_id": new_id(),
        "system": claim.system,
        "value": claim.value,
        "lead_id": claim.lead_id,
        "deal_id": claim.deal_id,
        "state": "active" if granted else "conflict",
        "recorded_at": tx.now,
    }
