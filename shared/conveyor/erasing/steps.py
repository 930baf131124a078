"""What a service does to its own rows: steps by the kind of the subject, each with a name that the record shows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.handoffs import HandoffOffered
from conveyor.contracts.personal import without_persons
from conveyor.contracts.values import IMPERSONAL_SYSTEMS
from conveyor.erasing.subjects import Subject, SubjectKind

Work = Callable[[AsyncSession, Subject], Awaitable[int]]

IMPERSONAL = ", ".join(f"'{system}'" for system in sorted(IMPERSONAL_SYSTEMS))
"""For SQL: the systems of outside names that stay."""


@dataclass(frozen=True, slots=True)
class Step:
    """Blanks or removes rows of one thing; says how many. It may run again and then finds nothing.

    `statement` is what it does in SQL, for those who compare it with what is disclosed.
    """

    what: str
    work: Work
    statement: str


Steps = Mapping[SubjectKind, Sequence[Step]]


def sql(what: str, statement: str) -> Step:
    """A step in SQL; `:lead_id`, `:person_id` and `:pseudonym` are those of the subject."""
    prepared = text(statement)

    async def work(session: AsyncSession, subject: Subject) -> int:
        known: dict[str, Any] = {
            "lead_id": subject.lead_id,
            "person_id": subject.subject_id,
            "pseudonym": subject.erased.pseudonym,
        }
        values = {name: value for name, value in known.items() if f":{name}" in statement}
        return int((await session.execute(prepared, values)).rowcount)  # type: ignore[attr-defined] # a change gives a cursor result

    return Step(what, work, statement)


def call(what: str, function: str, **fixed: list[str] | None) -> Step:
    """A step that a function of the database does for the lead; it says how many rows changed."""
    prepared = text(function)

    async def work(session: AsyncSession, subject: Subject) -> int:
        return int((await session.execute(prepared, {"lead_id": subject.lead_id, **fixed})).scalar_one())

    return Step(what, work, function)


def joined(*rooms: Steps) -> Steps:
    """The steps of several rooms, in their order."""
    kinds: tuple[SubjectKind, ...] = ("lead", "contact", "employee")
    return {kind: [step for room in rooms for step in room.get(kind, ())] for kind in kinds}


def offers(table: str) -> Step:
    """A step over offers that are kept as their fact said them, in `payload` under `handoff_id`."""
    select = text(f"SELECT handoff_id, payload FROM {table} WHERE lead_id = :lead_id FOR UPDATE")  # noqa: S608 - a name of ours
    change = f"UPDATE {table} SET payload = CAST(:payload AS jsonb) WHERE handoff_id = :handoff_id"  # noqa: S608 - a name of ours

    async def work(session: AsyncSession, subject: Subject) -> int:
        changed = 0
        for row in (await session.execute(select, {"lead_id": subject.lead_id})).all():
            offer = HandoffOffered.model_validate(row.payload)
            bare = without_persons(offer, subject.erased)
            if bare != offer:
                await session.execute(text(change), {"handoff_id": row.handoff_id, "payload": bare.model_dump_json()})
                changed += 1
        return changed

    return Step(table, work, change)
