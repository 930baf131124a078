"""Reading deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from conveyor.kit.database import Database
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.deliveries.letters import AWAITS_FETCH
from handoff_bus.deliveries.search import DeliverySearch, DeliveryState, matching
from handoff_bus.deliveries.tables import Delivery, DeliveryWait
from handoff_bus.sources.tables import Source


class SaidFact(AnswerModel):
    """A fact that a delivery became; `part` is its place among the events that the delivery speaks of."""

    event_id: UUID
    type: str
    key: str
    part: int = 0


class DeliveryView(AnswerModel):
    """A delivery. `reason` is a stable code of why it is not simply published, `detail` the same for people.

    `names` is what its events name: references as `system:value`, ids as `payment:P1`.
    `received` with the reason `awaits_fetch` waits for its source's API: `attempts` were in vain, the next is at
    `next_try_at`.
    """

    id: UUID
    source: str
    dedupe_key: str
    type: str
    state: DeliveryState
    reason: str | None
    detail: str | None
    received_at: datetime
    settled_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    lead_id: UUID | None
    employee_id: UUID | None
    matched_lead_id: UUID | None
    names: list[str]
    facts: list[SaidFact]


class DeliveryDetail(DeliveryView):
    """A delivery with what came over the wire; secrets in the headers are redacted.

    `waits_for` is what will settle a parked delivery by itself; when it is empty somebody has to match it. Since
    `raw_removed_at` headers and body are gone: they were kept long enough, or somebody in them was erased.
    """

    headers: dict[str, Any]
    body: str
    waits_for: list[str]
    raw_removed_at: datetime | None


async def find_delivery(session: AsyncSession, *, delivery_id: UUID) -> DeliveryDetail:
    """One delivery. Raises NotFound."""
    row = (
        await session.execute(
            select(Delivery, Source.name)
            .join(Source, Source.source_id == Delivery.source_id)
            .where(Delivery.delivery_id == delivery_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    delivery, source = row
    things = await session.scalars(
        select(DeliveryWait.thing).where(DeliveryWait.delivery_id == delivery_id).order_by(DeliveryWait.thing)
    )
    return DeliveryDetail(
        **_fields(delivery, source),
        headers=delivery.headers,
        body=delivery.body.decode(errors="replace"),
        waits_for=list(things),
        raw_removed_at=delivery.raw_removed_at,
    )


async def list_deliveries(session: AsyncSession, *, search: DeliverySearch, page: PageRequest) -> Page[DeliveryView]:
    """Deliveries in the order of their arrival. Raises Invalid for a search that makes no sense."""
    statement: Select[Any] = (
        select(Delivery, Source.name)  # type: ignore[assignment] # a page may be of rows of any shape
        .join(Source, Source.source_id == Delivery.source_id)
        .options(defer(Delivery.body), defer(Delivery.headers))
        .where(matching(search))
    )
    rows, cursor = await page_of(session, statement, key=[Delivery.delivery_id], page=page)
    views = [DeliveryView(**_fields(row[0], row[1])) for row in rows]
    return Page[DeliveryView](items=views, next_cursor=cursor)


async def deliveries_at_work(database: Database) -> dict[str, int]:
    """For `/lag`: deliveries not settled yet count as work of the consumer; parked too, while an API is asked."""
    waiting = or_(Delivery.state == "parked", Delivery.reason.is_not_distinct_from(AWAITS_FETCH))
    async with database.reading() as session:
        rows = await session.execute(
            select(waiting.label("waiting"), func.count())
            .where(Delivery.state.in_(["received", "parked"]))
            .group_by("waiting")
        )
        counts = dict(rows.all())
    return {"consumer": counts.get(False, 0), "parked": counts.get(True, 0)}


def _fields(delivery: Delivery, source: str) -> dict[str, Any]:
    return {
        "id": delivery.delivery_id,
        "source": source,
        "dedupe_key": delivery.dedupe_key,
        "type": delivery.type,
        "state": delivery.state,
        "reason": delivery.reason,
        "detail": delivery.detail,
        "received_at": delivery.received_at,
        "settled_at": delivery.settled_at,
        "attempts": delivery.attempts,
        "next_try_at": delivery.retry_at,
        "lead_id": delivery.lead_id,
        "employee_id": delivery.employee_id,
        "matched_lead_id": delivery.matched_lead_id,
        "names": delivery.names,
        "facts": delivery.facts,
    }
