"""What a table keeps of a subject, said by its room beside what it erases of him.

A row is given whole, so that a column that is added later is given too. What may speak of others as well is withheld:
named by its column and the reason, for a person to look at. Accounts of whoever did something are left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import BigInteger, Column, ColumnElement, Table, Text, and_, literal_column, or_

from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.database import Base

Condition = Callable[[Subject], ColumnElement[bool]]

WORDS = "words about the lead: nobody can say of which of its people they speak"
WHOSE = "a name of the lead: this service does not know of which of its people"


@dataclass(frozen=True, slots=True)
class Withheld:
    """The column is not given, because it may speak of others; `when` says of which rows, without it of all."""

    why: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Of the column, or of `value` in its place, only what `take` finds of the subject is given.

    With `why` the rest is named as withheld.
    """

    take: Callable[[Subject, Any], Any]
    why: str | None = None
    value: Callable[[Subject], ColumnElement[Any]] | None = None


Treatment = Withheld | Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The rows `of` a subject in one table. `only` names the columns that are given at all, `leaves_out` those not."""

    model: type[Base]
    of: Condition
    columns: Mapping[str, Treatment] = field(default_factory=dict)
    only: frozenset[str] | None = None
    leaves_out: frozenset[str] = frozenset()
    key: Sequence[ColumnElement[Any]] = ()
    """The order of the rows, where their primary key may not be written into a cursor; see `numbered`."""

    @property
    def table(self) -> Table:
        """The table itself."""
        return cast("Table", self.model.__table__)

    @property
    def given(self) -> list[Column[Any]]:
        """The columns that are given or withheld, in their order."""
        return [
            column
            for column in self.table.columns
            if (self.only is None or column.name in self.only | set(self.columns))
            and column.name not in self.leaves_out
            and not _is_an_account(column)
        ]

    @property
    def order(self) -> Sequence[ColumnElement[Any]]:
        """The key by which pages follow one another."""
        return self.key or list(self.table.primary_key.columns)


KeptOf = Mapping[SubjectKind, Sequence[Kept]]


def of_lead(model: type[Base], **columns: Treatment) -> Kept:
    """The rows of the subject's lead, which name it by `lead_id`."""
    return Kept(model=model, of=is_of_lead(model), columns=columns)


def of_employee(model: type[Base], **columns: Treatment) -> Kept:
    """The rows of an employee, which name him by `employee_id`."""
    return Kept(model=model, of=is_of_employee(model), columns=columns)


def words(
    model: type[Base],
    *withheld: str,
    of: Condition | None = None,
    why: str = WORDS,
    also: Sequence[str] = (),
    key: Sequence[ColumnElement[Any]] = (),
) -> Kept:
    """To one contact: rows of his lead with words that may be about him, by their key; the words are withheld."""
    table = cast("Table", model.__table__)
    of_the_lead = of or is_of_lead(model)
    there = or_(*[table.c[name].is_not(None) for name in withheld])
    return Kept(
        model=model,
        of=lambda subject: and_(of_the_lead(subject), there),
        columns={name: Withheld(why) for name in withheld},
        only=frozenset({*(column.name for column in table.primary_key.columns), *also}),
        key=key,
    )


def numbered(model: type[Base], *, within: str) -> Sequence[ColumnElement[Any]]:
    """The key of rows whose primary key is a name: a cursor would give away what is withheld.

    The transaction that wrote the row, and where it lies, stand for it. So what comes between two pages is given last,
    what goes moves no other row, and what is written anew is given once more rather than left out.
    """
    table = cast("Table", model.__table__)
    written = literal_column(f"CAST(CAST({table.name}.xmin AS text) AS bigint)", BigInteger)
    block, place = [
        literal_column(f"CAST((CAST(CAST({table.name}.ctid AS text) AS point))[{axis}] AS bigint)", BigInteger)
        for axis in (0, 1)
    ]
    return [table.c[within], written, block, place]


def is_of_lead(model: type[Base]) -> Condition:
    """Rows whose `lead_id` is the subject's lead."""
    return lambda subject: cast("Table", model.__table__).c["lead_id"] == subject.lead_id


def is_of_employee(model: type[Base]) -> Condition:
    """Rows whose `employee_id` is the subject."""
    return lambda subject: cast("Table", model.__table__).c["employee_id"] == subject.subject_id


def joined(*rooms: KeptOf) -> KeptOf:
    """What several rooms keep, in their order."""
    kinds: tuple[SubjectKind, ...] = ("lead", "contact", "employee")
    return {kind: [kept for room in rooms for kept in room.get(kind, ())] for kind in kinds}


def _is_an_account(column: Column[Any]) -> bool:
    if not isinstance(column.type, Text) or column.name == "said_by":
        return False
    return column.name in {"actor", "author", "principal"} or column.name.endswith("_by")
