"""Webhook sources over HTTP."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints

from conveyor.contracts.values import LongText
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.idempotency import SAFE_TO_REPEAT
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.sources import queries
from handoff_bus.sources.add_source import add_source
from handoff_bus.sources.change_settings import change_settings
from handoff_bus.sources.queries import SourceView, SourceWithSecret
from handoff_bus.sources.rotate_secret import rotate_secret
from handoff_bus.sources.rules import NAME_PATTERN
from handoff_bus.sources.trial import TrialView, try_delivery

router = APIRouter(prefix="/sources", tags=["sources"])

Admin = Annotated[Principal, Depends(allow("admin"))]
Reader = Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration"))]
OVERLAP_HOURS_MAX = 24 * 30


class NewSource(RequestModel):
    """A source. `settings.secret` is the provider's own secret; without it one is minted."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
    kind: Annotated[str, StringConstraints(max_length=50)]
    settings: dict[str, Any] = Field(default_factory=dict)


class OtherSettings(RequestModel):
    """All settings of a source; credentials that are left out stay.

    When `api_url` names another host, they have to be given again, and so has the present `secret` where it is sent.
    """

    settings: dict[str, Any]


class NewSecret(RequestModel):
    """Another secret; the old ones stay valid for `overlap_hours`."""

    secret: Annotated[str, StringConstraints(max_length=500)] | None = None
    overlap_hours: Annotated[int, Field(ge=0, le=OVERLAP_HOURS_MAX)] = 24


class Trial(RequestModel):
    """A captured delivery. `received_url` is for kinds that sign it, and holds the query; `sender` is an IP address."""

    headers: dict[str, str]
    body_base64: str
    received_url: LongText | None = None
    method: Literal["POST", "GET", "PUT"] = "POST"
    sender: LongText | None = None


@router.post("", status_code=201)
async def create_source(new: NewSource, bus: TheBus, _: Admin) -> SourceWithSecret:
    """Add a source; the answer shows its `secret`, once. 409 `source-name-taken`."""
    source = await add_source(bus.database, name=new.name, kind=new.kind, settings=new.settings)
    bus.sources.forget()
    return source


@router.get("")
async def list_sources(bus: TheBus, _: Reader, page: PageQuery, kind: str | None = None) -> Page[SourceView]:
    """Sources without their secrets."""
    async with bus.database.reading() as session:
        return await queries.list_sources(session, kind=kind, page=page)


@router.get("/{source_id}")
async def get_source(source_id: UUID, bus: TheBus, _: Reader) -> SourceView:
    """One source without its secret."""
    async with bus.database.reading() as session:
        return queries.view_of(await queries.find_source(session, source_id=source_id))


@router.put("/{source_id}/settings")
async def put_settings(source_id: UUID, other: OtherSettings, bus: TheBus, _: Admin) -> SourceView:
    """Correct the settings; try them with a trial, then replay what said nothing under the old ones."""
    source = await change_settings(bus.database, source_id=source_id, settings=other.settings)
    bus.sources.forget()
    return source


@router.post("/{source_id}/secret", status_code=201)
async def create_secret(source_id: UUID, new: NewSecret, bus: TheBus, _: Admin) -> SourceWithSecret:
    """Rotate the secret; the answer shows the new one, once."""
    source = await rotate_secret(
        bus.database, source_id=source_id, secret=new.secret, overlap=timedelta(hours=new.overlap_hours)
    )
    bus.sources.forget()
    return source


@router.post("/{source_id}/trial", openapi_extra=SAFE_TO_REPEAT)
async def create_trial(source_id: UUID, trial: Trial, bus: TheBus, _: Admin) -> TrialView:
    """What the door would make of this delivery now; nothing is stored."""
    async with bus.database.reading() as session:
        name = (await queries.find_source(session, source_id=source_id)).name
    source = await bus.sources.find(name)
    return try_delivery(
        source,
        headers=trial.headers,
        body_base64=trial.body_base64,
        method=trial.method,
        received_url=trial.received_url,
        sender=trial.sender,
        now=bus.database.clock.now(),
    )
