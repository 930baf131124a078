"""`column = ANY(ids)`: one prepared statement whatever the number of ids, and no limit of bind parameters."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, literal
from sqlalchemy.orm import InstrumentedAttribute


def among(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Iterable[UUID]
) -> ColumnElement[bool]:
    """Whether the column's id is one of these."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


def among_named(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], name: str
) -> ColumnElement[bool]:
    """The same of a direct statement that is given the ids under this name."""
    return column == any_(bindparam(name, type_=ARRAY(Uuid())))
