"""The state of a handoff, from the set of facts about it: their order of arrival does not matter. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

HandoffState = Literal["offered", "accepted", "returned", "withdrawn"]

# Only the receiving stage answers, once. Should two answers ever come, ownership that began stands.
ANSWERS: tuple[HandoffState, ...] = ("accepted", "returned", "withdrawn")


@dataclass(frozen=True, slots=True)
class Said:
    """A fact about a handoff; `fact` is offered, routed or one of the answers."""

    event_id: UUID
    fact: str
    occurred_at: datetime
    recorded_at: datetime
    from_stage: str | None = None
    to_stage: str | None = None
    employee_id: UUID | None = None
    reason: str | None = None
    deal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What is to be seen of a handoff; `employee_id` is who answered, else to whom it was routed last."""

    state: HandoffState
    from_stage: str | None
    to_stage: str | None
    offered_by: UUID | None
    offered_at: datetime | None
    employee_id: UUID | None
    answered_at: datetime | None
    reason: str | None
    deal_id: UUID | None


def watched(facts: Collection[Said]) -> Watched:
    """The handoff that these facts (at least one) describe."""
    in_order = sorted(facts, key=lambda said: (said.occurred_at, said.recorded_at, said.event_id))
    offer = next((said for said in in_order if said.fact == "offered"), None)
    routed = next((said for said in reversed(in_order) if said.fact == "routed"), None)
    state: HandoffState = next((name for name in ANSWERS if any(said.fact == name for said in in_order)), "offered")
    answer = next((said for said in in_order if said.fact == state), None) if state != "offered" else None
    answered_by = answer.employee_id if answer else None
    return Watched(
        state=state,
        from_stage=next((said.from_stage for said in in_order if said.from_stage), None),
        to_stage=next((said.to_stage for said in in_order if said.to_stage), None),
        offered_by=offer.employee_id if offer else None,
        offered_at=offer.occurred_at if offer else None,
        employee_id=answered_by or (routed.employee_id if routed else None),
        answered_at=answer.occurred_at if answer else None,
        reason=answer.reason if answer else None,
        deal_id=next((said.deal_id for said in reversed(in_order) if said.deal_id), None),
    )
