"""Messages that failed or wait in this service, over HTTP: the same routes in every service."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, model_validator

from conveyor.contracts.messages import DeadLetterState
from conveyor.contracts.values import Text
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.idempotency import SAFE_TO_REPEAT
from conveyor.kit.http.models import BusinessInstant, RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.operations import queries
from conveyor.kit.operations.compare_intake import accept_gap
from conveyor.kit.operations.dead_letters import discard_dead_letter, replay_dead_letter
from conveyor.kit.operations.list_publications import list_publications
from conveyor.kit.operations.quarantined import discard_quarantined, replay_quarantined
from conveyor.kit.operations.republish import FACTS_MAX, republish_facts, republish_stretch
from conveyor.kit.operations.unpublishable import discard_unpublishable, requeue_unpublishable
from conveyor.kit.operations.views import (
    DeadLetterDetail,
    DeadLetterView,
    GapView,
    Listed,
    ParkedView,
    QuarantinedView,
    Republished,
    UnpublishableDetail,
    UnpublishableView,
)
from conveyor.kit.service import Service

router = APIRouter(prefix="/messages", tags=["messages"])

Place = Annotated[int, Path(ge=0, le=2**63 - 1)]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Reader = Annotated[Principal, Depends(allow("admin", "auditor"))]
Operator = Annotated[Principal, Depends(allow("admin"))]


async def service_of(request: Request) -> Service:
    """The service that answers."""
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(service_of)]


class Stretch(RequestModel):
    """What to publish again and why: the facts named, or all that were said in [from, until)."""

    event_ids: Annotated[tuple[UUID, ...], Field(max_length=FACTS_MAX)] = ()
    from_at: BusinessInstant | None = Field(None, alias="from")
    until_at: BusinessInstant | None = Field(None, alias="until")
    reason: Text

    @model_validator(mode="after")
    def _names_one_of_both(self) -> Self:
        if self.event_ids and (self.from_at or self.until_at):
            msg = "name event_ids, or from and until, not both"
            raise ValueError(msg)
        if not self.event_ids and (self.from_at is None or self.until_at is None or self.until_at <= self.from_at):
            msg = "name event_ids, or from and a later until"
            raise ValueError(msg)
        return self


class Why(RequestModel):
    """Why it is done; kept beside who did it."""

    reason: Text


@router.get("/dead-letters")
async def list_dead_letters(
    *, service: TheService, _: Reader, page: PageQuery, state: DeadLetterState | None = None
) -> Page[DeadLetterView]:
    """Messages whose handling failed for good here, oldest first."""
    async with service.database.reading() as session:
        return await queries.list_dead_letters(session, state=state, page=page)


@router.get("/dead-letters/{event_id}", dependencies=[shows_people("fact", field="event_id")])
async def get_dead_letter(event_id: UUID, service: TheService, _: Operator) -> DeadLetterDetail:
    """One of them with its body and its last traceback."""
    async with service.database.reading() as session:
        return await queries.find_dead_letter(session, event_id=event_id)


@router.post("/dead-letters/{event_id}/replay")
async def replay(event_id: UUID, service: TheService, _: Operator) -> DeadLetterView:
    """Handle the message again, now that its cause is mended; it takes effect once."""
    return await replay_dead_letter(service.database, service.listeners, event_id=event_id)


@router.post("/dead-letters/{event_id}/discard")
async def discard(event_id: UUID, why: Why, service: TheService, _: Operator) -> DeadLetterView:
    """Never handle the message."""
    return await discard_dead_letter(service.database, event_id=event_id, reason=why.reason)


@router.get("/unpublishable")
async def list_unpublishable(*, service: TheService, _: Reader, page: PageQuery) -> Page[UnpublishableView]:
    """Facts of this service that the broker refuses for good. Each stops the later facts of its key."""
    async with service.database.reading() as session:
        return await queries.list_unpublishable(session, page=page)


@router.get("/unpublishable/{event_id}", dependencies=[shows_people("fact", field="event_id")])
async def get_unpublishable(event_id: UUID, service: TheService, _: Operator) -> UnpublishableDetail:
    """One of them with its body."""
    async with service.database.reading() as session:
        return await queries.find_unpublishable(session, event_id=event_id)


@router.post("/unpublishable/{event_id}/requeue")
async def requeue(event_id: UUID, service: TheService, _: Operator) -> UnpublishableView:
    """Publish the fact again, then what waits behind it."""
    return await requeue_unpublishable(service.database, event_id=event_id)


@router.post("/unpublishable/{event_id}/discard")
async def discard_fact(event_id: UUID, why: Why, service: TheService, _: Operator) -> UnpublishableView:
    """Never publish the fact; nobody will learn of it, and what waits behind it goes out."""
    return await discard_unpublishable(service.database, event_id=event_id, reason=why.reason)


@router.get("/parked")
async def list_parked(*, service: TheService, _: Reader, page: PageQuery, thing: str | None = None) -> Page[ParkedView]:
    """Facts that wait here for something not known yet, the longest waiting first."""
    async with service.database.reading() as session:
        return await queries.list_parked(session, thing=thing, page=page)


@router.get("/quarantined", dependencies=[shows_people("message")])
async def list_quarantined(
    *, service: TheService, _: Operator, page: PageQuery, state: DeadLetterState | None = None
) -> Page[QuarantinedView]:
    """Messages that were no valid facts of the service they came from."""
    async with service.database.reading() as session:
        return await queries.list_quarantined(session, state=state, page=page)


@router.post("/quarantined/{stream_seq}/{body_sha256}/replay")
async def replay_message(stream_seq: Place, body_sha256: Digest, service: TheService, _: Operator) -> QuarantinedView:
    """Read the message again, now that its cause is mended; as a fact it takes effect once.

    409 `still-not-a-fact`: a forged message stays refused.
    """
    return await replay_quarantined(service.database, service.listeners, stream_seq=stream_seq, body_sha256=body_sha256)


@router.post("/quarantined/{stream_seq}/{body_sha256}/discard")
async def discard_message(
    stream_seq: Place, body_sha256: Digest, why: Why, service: TheService, _: Operator
) -> QuarantinedView:
    """Never apply the message."""
    return await discard_quarantined(
        service.database, stream_seq=stream_seq, body_sha256=body_sha256, reason=why.reason
    )


@router.post("/publications/list", openapi_extra=SAFE_TO_REPEAT)
async def list_now(service: TheService, _: Operator) -> Listed:
    """List what this service said since its last list now, without waiting for the hour; every service compares."""
    return Listed(facts=await list_publications(service.database, is_routine=False))


@router.post("/publications/republish")
async def republish(stretch: Stretch, service: TheService, _: Operator) -> Republished:
    """Publish facts of this service again under their old ids: a lost tail, or what a self-check found missing."""
    if stretch.from_at is not None and stretch.until_at is not None:
        return await republish_stretch(
            service.database, from_at=stretch.from_at, until_at=stretch.until_at, reason=stretch.reason
        )
    return await republish_facts(service.database, event_ids=stretch.event_ids, reason=stretch.reason)


@router.get("/gaps")
async def list_gaps(*, service: TheService, _: Reader, page: PageQuery) -> Page[GapView]:
    """What others said, is heard here and never came, list by list; the accepted ones too."""
    async with service.database.reading() as session:
        return await queries.list_gaps(session, page=page)


@router.post("/gaps/{list_id}/accept")
async def accept(list_id: UUID, why: Why, service: TheService, _: Operator) -> GapView:
    """Decide that what is missing will never come, such as facts that were erased on demand."""
    return await accept_gap(service.database, list_id=list_id, reason=why.reason)
