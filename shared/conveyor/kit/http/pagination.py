"""Lists by keyset: a page begins after the last key of the page before, never at an offset.

A cursor holds that key and a hash of the path and the filters. It is no security boundary: the caller's rights and the
filters apply to every page again, and a cursor taken to other filters is refused.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import ColumnElement, Select, bindparam, tuple_, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.refusals import Refusal

T = TypeVar("T")
KeyColumn = ColumnElement[Any] | InstrumentedAttribute[Any]

LIMIT_DEFAULT = 50
LIMIT_MAX = 200


class InvalidCursor(Refusal):
    """This is no cursor of this list; begin without one."""

    kind = "bad_request"


class CursorMismatch(Refusal):
    """The cursor belongs to other filters; begin without one."""

    kind = "bad_request"


class Page(AnswerModel, Generic[T]):
    """A page of a list. No `next_cursor` is the only sign of the end."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page a caller wants; `filters` is a hash of the path and of every other query parameter."""

    limit: int = LIMIT_DEFAULT
    cursor: str | None = None
    filters: str = ""


async def page_request(
    request: Request,
    limit: Annotated[
        int, Query(ge=1, description=f"At most {LIMIT_MAX}; more is read as {LIMIT_MAX}.")
    ] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=4000, description="`next_cursor` of the page before.")] = None,
) -> PageRequest:
    """Read `limit` and `cursor` of a list."""
    filters = sorted(pair for pair in request.query_params.multi_items() if pair[0] not in {"limit", "cursor"})
    text = json.dumps([request.scope["path"], filters])
    return PageRequest(
        limit=min(limit, LIMIT_MAX), cursor=cursor, filters=hashlib.sha256(text.encode()).hexdigest()[:16]
    )


PageQuery = Annotated[PageRequest, Depends(page_request)]


async def page_of(
    session: AsyncSession,
    stmt: Select[*tuple[Any, ...]],
    *,
    key: Sequence[KeyColumn],
    page: PageRequest,
    looks: Sequence[ColumnElement[bool]] = (),
) -> tuple[Sequence[Any], str | None]:
    """One page of `stmt` in ascending order of `key`, and the cursor of the next one.

    `key` is a total order of columns that are never null, e.g. `(Lead.created_at, Lead.lead_id)`; an index over it
    makes every page cost the same. A statement over one entity or column gives these, any other gives rows.
    With `looks` a row must meet one of these conditions: the page's keys are found first, with one look into the index
    of each, where a walk in the key's order would pass by everything that is somebody else's. They may overlap.
    Raises InvalidCursor or CursorMismatch (400).
    """
    columns = len(stmt.column_descriptions)
    names = [f"page_key_{number}" for number in range(len(key))]
    query = stmt.add_columns(*[column.label(name) for column, name in zip(key, names, strict=True)])
    following_it = _after(page, key)
    if looks:
        query = query.where(_keys_found(stmt.where(*following_it), looks, key=key, limit=page.limit + 1))
    query = query.where(*following_it).order_by(None).order_by(*key).limit(page.limit + 1)
    try:
        rows = (await session.execute(query)).all()
    except DBAPIError as refused:
        # A forged key, such as a number wider than its column; without a cursor it is our own fault.
        if page.cursor is None or not str(getattr(refused.orig, "sqlstate", "")).startswith("22"):
            raise
        raise InvalidCursor from refused
    shown = rows[: page.limit]
    following = len(rows) > page.limit
    next_cursor = (
        _write_cursor([getattr(shown[-1], name) for name in names], filters=page.filters) if following else None
    )
    return ([row[0] for row in shown] if columns == 1 else shown), next_cursor


def _after(page: PageRequest, key: Sequence[KeyColumn]) -> list[ColumnElement[bool]]:
    if page.cursor is None:
        return []
    after = _read_cursor(page.cursor, key=key, filters=page.filters)
    bound = [bindparam(None, value, type_=column.type) for column, value in zip(key, after, strict=True)]
    return [tuple_(*key) > tuple_(*bound)]


def _keys_found(
    stmt: Select[*tuple[Any, ...]], looks: Sequence[ColumnElement[bool]], *, key: Sequence[KeyColumn], limit: int
) -> ColumnElement[bool]:
    # The limit of each look keeps the planner from turning it into a condition of the walk.
    keys = [stmt.where(look).with_only_columns(*key).order_by(None).order_by(*key).limit(limit) for look in looks]
    return tuple_(*key).in_(union_all(*keys) if len(keys) > 1 else keys[0])


def _write_cursor(values: Sequence[Any], *, filters: str) -> str:
    payload = [filters, *[value.isoformat() if isinstance(value, date) else _plain(value) for value in values]]
    return (
        base64.urlsafe_b64encode(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def _plain(value: object) -> str | int | bool:
    return value if isinstance(value, str | int | bool) else str(value)


def _read_cursor(cursor: str, *, key: Sequence[KeyColumn], filters: str) -> list[Any]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        payload = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8"))
        if not isinstance(payload, list) or len(payload) != len(key) + 1 or not isinstance(payload[0], str):
            raise InvalidCursor
        values = [_typed(value, column.type.python_type) for value, column in zip(payload[1:], key, strict=True)]
    except (ValueError, RecursionError, binascii.Error) as refused:
        raise InvalidCursor from refused
    if payload[0] != filters:
        raise CursorMismatch
    return values


def _typed(value: object, wanted: type[Any]) -> Any:  # noqa: ANN401 - the key column's own type
    if wanted in {int, bool} and type(value) is wanted:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise InvalidCursor
        return value
    if not isinstance(value, str) or "\x00" in value or wanted in {int, bool}:
        raise InvalidCursor
    value.encode("utf-8")
    if wanted is datetime:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise InvalidCursor
        return instant
    return date.fromisoformat(value) if wanted is date else UUID(value) if wanted is UUID else wanted(value)
