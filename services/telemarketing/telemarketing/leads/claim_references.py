"""Tying references to leads, safely against two who claim the same one at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.database import Transaction
from telemarketing.leads.rules import SHARED_SYSTEMS, match_key
from telemarketing.leads.tables import LeadReference

# Four columns each; the PostgreSQL protocol takes 32,767 parameters in one statement.
_CLAIMS_PER_STATEMENT = 5000


@dataclass(frozen=True, slots=True)
class Claim:
    """`lead_id` wants to be known by `reference`."""

    lead_id: UUID
    reference: Reference


@dataclass(frozen=True, slots=True)
class Taken:
    """A claim that failed, because the reference belongs to `holder_id`."""

    claim: Claim
    holder_id: UUID


async def claim_references(tx: Transaction, claims: Sequence[Claim]) -> list[Taken]:
    """Record the claims and say `reference_assigned` for each new one; answers those that another lead holds.

    A concurrent claim of the same reference is waited for. Claims without a usable key are left out.
    """
    keyed = {
        (claim.reference.system, key, claim.lead_id): claim for claim in claims if (key := match_key(claim.reference))
    }
    # One order for everybody: two imports that share references wait for each other instead of deadlocking.
    ordered = sorted(keyed, key=lambda identity: (identity[0], identity[1], str(identity[2])))
    taken: list[Taken] = []
    for start in range(0, len(ordered), _CLAIMS_PER_STATEMENT):
        chunk = ordered[start : start + _CLAIMS_PER_STATEMENT]
        new = await _insert(tx, [(identity, keyed[identity]) for identity in chunk])
        for identity in chunk:
            if identity in new:
                claim = keyed[identity]
                tx.say(ReferenceAssigned(lead_id=claim.lead_id, reference=claim.reference))
        taken += await _held_by_others(tx, {identity: keyed[identity] for identity in chunk if identity not in new})
    return taken


async def _insert(tx: Transaction, claims: Sequence[tuple[tuple[str, str, UUID], Claim]]) -> set[tuple[str, str, UUID]]:
    rows = [
        {"lead_id": lead_id, "system": system, "match_key": key, "value": claim.reference.value}
        for (system, key, lead_id), claim in claims
    ]
    inserted = await tx.session.execute(
        upsert(LeadReference)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(LeadReference.system, LeadReference.match_key, LeadReference.lead_id)
    )
    return {(row.system, row.match_key, row.lead_id) for row in inserted}


async def _held_by_others(tx: Transaction, missing: dict[tuple[str, str, UUID], Claim]) -> list[Taken]:
    exclusive = {identity: claim for identity, claim in missing.items() if identity[0] not in SHARED_SYSTEMS}
    if not exclusive:
        return []
    rows = await tx.session.execute(
        select(LeadReference.system, LeadReference.match_key, LeadReference.lead_id).where(
            or_(*[and_(LeadReference.system == system, LeadReference.match_key == key) for system, key, _ in exclusive])
        )
    )
    holders = {(row.system, row.match_key): row.lead_id for row in rows}
    held = [(claim, holders.get(identity[:2])) for identity, claim in exclusive.items()]
    return [Taken(claim, holder) for claim, holder in held if holder is not None and holder != claim.lead_id]
