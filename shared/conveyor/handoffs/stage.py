"""What a receiving stage tells the inbox about itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.handoffs import HandoffOffered
from conveyor.contracts.values import Role, Stage
from conveyor.handoffs.ownership.rules import OwnedThing
from conveyor.kit.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A handoff just accepted by `employee_id`; ownership begins at `accepted_at` (business time)."""

    offer: HandoffOffered
    offered_at: datetime
    employee_id: UUID
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerMoved:
    """An owned thing changed hands from `from_at` on; `revision` grows with each change of that thing."""

    thing: OwnedThing
    revision: int
    employee_id: UUID
    from_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingStage:
    """A stage that takes leads over.

    `open_objects(session, now)` counts open deals or clients per owner. `take_over(tx, acceptance)` opens the deal or
    client in the transaction of the acceptance and answers its deal id, if it has one. `say_owner_moved(tx, moved)`
    says the stage's own fact about a new owner.
    """

    stage: Stage
    role: Role
    open_objects: Callable[[AsyncSession, datetime], Awaitable[Mapping[UUID, int]]]
    take_over: Callable[[Transaction, Acceptance], Awaitable[UUID | None]]
    say_owner_moved: Callable[[Transaction, OwnerMoved], None]
