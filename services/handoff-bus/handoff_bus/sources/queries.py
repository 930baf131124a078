"""Reading sources; secrets are not read here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.sources.kinds.kind import SourceKind, SourceSettings, Trust
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.tables import Source


class SourceView(AnswerModel):
    """A webhook source; it pushes to `/v1/webhooks/{name}`. `trust` is how its deliveries prove their origin."""

    id: UUID
    name: str
    kind: str
    settings: dict[str, Any]
    trust: Trust
    created_at: datetime


class SourceWithSecret(SourceView):
    """A source with its secret, which is never shown again."""

    secret: str


def view_of(source: Source) -> SourceView:
    """The answer for one source."""
    kind = KINDS[source.kind]
    return SourceView(
        id=source.source_id,
        name=source.name,
        kind=source.kind,
        settings=source.settings,
        trust=kind.trust(settings_of(kind, source)),
        created_at=source.created_at,
    )


def settings_of(kind: SourceKind[Any], source: Source) -> SourceSettings:
    """The settings of a source with its credentials, as its kind reads them."""
    return read_settings(kind, source.settings, source.credentials)


def read_settings(kind: SourceKind[Any], shown: Mapping[str, Any], credentials: Mapping[str, Any]) -> SourceSettings:
    """Both parts of checked settings as the kind reads them."""
    settings: SourceSettings = kind.settings.model_validate({**shown, **credentials})
    return settings


def view_with_secret(source: Source, secret: str) -> SourceWithSecret:
    """The answer at creation and at rotation."""
    return SourceWithSecret(**view_of(source).model_dump(), secret=secret)


async def find_source(session: AsyncSession, *, source_id: UUID) -> Source:
    """One source. Raises NotFound."""
    source = await session.get(Source, source_id)
    if source is None:
        raise NotFound
    return source


async def list_sources(session: AsyncSession, *, kind: str | None, page: PageRequest) -> Page[SourceView]:
    """Sources, of one kind if it is named; by id."""
    statement = select(Source)
    if kind is not None:
        statement = statement.where(Source.kind == kind)
    sources, cursor = await page_of(session, statement, key=[Source.source_id], page=page)
    return Page[SourceView](items=[view_of(source) for source in sources], next_cursor=cursor)
