"""One page of everything that a service keeps of a subject. It writes nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue
from sqlalchemy import ColumnElement, LargeBinary, Text, and_, case, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.disclosing.kept import Kept, Taken, Withheld
from conveyor.disclosing.wire import row_as_json
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import InvalidCursor, PageRequest, page_of
from conveyor.kit.refusals import NotFound

ROWS_AT_ONCE = 20
"""Rows may hold whole requests; a page is made of so many at a time, so that its size is known in time."""
PAGE_BYTES_MAX = 4 * 1024 * 1024
_FLAG = "withheld "


class DisclosedSubject(AnswerModel):
    """Whose data it is."""

    kind: SubjectKind
    id: UUID


class WithheldColumn(AnswerModel):
    """Something is there, and it may speak of others too; a person has to look at it."""

    column: str
    why: str


class DisclosedRow(AnswerModel):
    """A row by the names of its columns; money as everywhere. What is withheld is null, or there without the others."""

    values: dict[str, JsonValue]
    withheld: list[WithheldColumn]


class DisclosedPart(AnswerModel):
    """Rows of one table."""

    name: str
    rows: list[DisclosedRow]


class Disclosure(AnswerModel):
    """A page of what `service` keeps of the subject. No `next_cursor` is the only sign of the end."""

    subject: DisclosedSubject
    service: str
    as_of: datetime
    parts: list[DisclosedPart]
    next_cursor: str | None


async def disclose(
    session: AsyncSession, subject: Subject, kept: Sequence[Kept], *, page: PageRequest
) -> tuple[list[DisclosedPart], str | None]:
    """The parts of this page and the cursor of the next. Raises NotFound when nothing is kept of him at all."""
    place, inner = _begun(page, len(kept))
    parts: list[DisclosedPart] = []
    rows_left, size = page.limit, 0
    while place < len(kept) and rows_left > 0 and size < PAGE_BYTES_MAX:
        some = PageRequest(limit=min(rows_left, ROWS_AT_ONCE), cursor=inner, filters=page.filters)
        rows, inner = await _rows(session, subject, kept[place], page=some)
        if rows:
            _add(parts, kept[place].table.name, rows)
        rows_left -= len(rows)
        size += sum(len(orjson.dumps(row.values)) for row in rows)
        place += inner is None
    if not parts and page.cursor is None:
        raise NotFound
    return parts, None if place == len(kept) else f"{place}.{inner or ''}"


def _begun(page: PageRequest, places: int) -> tuple[int, str | None]:
    if page.cursor is None:
        return 0, None
    place, dot, inner = page.cursor.partition(".")
    if not dot or not place.isascii() or not place.isdigit() or len(place) > 3 or int(place) >= places:
        raise InvalidCursor
    return int(place), inner or None


def _add(parts: list[DisclosedPart], name: str, rows: list[DisclosedRow]) -> None:
    if parts and parts[-1].name == name:
        parts[-1].rows.extend(rows)
    else:
        parts.append(DisclosedPart(name=name, rows=rows))


async def _rows(
    session: AsyncSession, subject: Subject, kept: Kept, *, page: PageRequest
) -> tuple[list[DisclosedRow], str | None]:
    wanted = dict(_selected(subject, kept))
    statement = select(*[value.label(name) for name, value in wanted.items()]).where(kept.of(subject))
    found, cursor = await page_of(session, statement, key=kept.order, page=page)
    rows = [_row(subject, kept, dict(zip(wanted, row, strict=False))) for row in found]
    return rows, cursor


def _selected(subject: Subject, kept: Kept) -> Iterator[tuple[str, ColumnElement[Any]]]:
    # What is withheld is not even read; whether there is anything is.
    for column in kept.given:
        treatment = kept.columns.get(column.name)
        if isinstance(treatment, Withheld):
            when = literal(value=True) if treatment.when is None else treatment.when(subject)
            yield column.name, null() if treatment.when is None else case((when, null()), else_=column)
            yield _FLAG + column.name, and_(when, _is_there(column))
        elif isinstance(treatment, Taken) and treatment.value is not None:
            yield column.name, treatment.value(subject)
        else:
            yield column.name, column


def _is_there(column: ColumnElement[Any]) -> ColumnElement[bool]:
    if isinstance(column.type, Text | LargeBinary):
        return func.coalesce(func.octet_length(column), 0) > 0
    return column.is_not(None)


def _row(subject: Subject, kept: Kept, found: dict[str, Any]) -> DisclosedRow:
    values = {name: value for name, value in found.items() if not name.startswith(_FLAG)}
    withheld = []
    for name, treatment in kept.columns.items():
        if isinstance(treatment, Taken) and values.get(name) is not None:
            values[name] = treatment.take(subject, values[name])
        is_withheld = found[_FLAG + name] if isinstance(treatment, Withheld) else True
        if is_withheld and treatment.why is not None:
            withheld.append(WithheldColumn(column=name, why=treatment.why))
    return DisclosedRow(values=row_as_json(values), withheld=withheld)
