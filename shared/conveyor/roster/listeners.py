"""How the copy is kept: each fact carries the whole state, the highest revision stands, order does not matter."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.roster import AbsenceRecorded, CalendarRecorded, ChainRecorded, EmployeeRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners, release
from conveyor.roster.changes import ChangedChain, note_chain
from conveyor.roster.tables import Absence, CalendarVersion, Chain, ChainMember, Employee


def listen(listeners: Listeners) -> None:
    """Keep the copy. Register it before any room that reads the roster, so that they see the fact's state."""
    listeners.on(EmployeeRecorded, keep_employee)
    listeners.on(AbsenceRecorded, keep_absence)
    listeners.on(ChainRecorded, keep_chain)
    listeners.on(CalendarRecorded, keep_calendar)


async def keep_employee(tx: Transaction, event: Event[EmployeeRecorded]) -> None:
    """Record the employee unless a higher revision is known; wake the facts that wait for `("employee", id)`."""
    values = event.fact.model_dump(exclude={"references"})
    statement = upsert(Employee).values(values)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Employee.employee_id],
            set_={name: statement.excluded[name] for name in values if name != "employee_id"},
            where=Employee.revision < statement.excluded.revision,
        )
    )
    await release(tx, "employee", event.fact.employee_id)


async def keep_absence(tx: Transaction, event: Event[AbsenceRecorded]) -> None:
    """Record the absence unless a higher revision is known; it may come before its employee."""
    values = event.fact.model_dump()
    statement = upsert(Absence).values(values)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Absence.absence_id],
            set_={name: statement.excluded[name] for name in values if name != "absence_id"},
            where=Absence.revision < statement.excluded.revision,
        )
    )


async def keep_chain(tx: Transaction, event: Event[ChainRecorded]) -> None:
    """Record the chain and its members unless a higher revision is known; `changes.py` keeps what it was before."""
    fact = event.fact
    since = await tx.session.scalar(select(Chain.effective_from).where(Chain.chain_id == fact.chain_id))
    statement = upsert(Chain).values(
        chain_id=fact.chain_id, revision=fact.revision, name=fact.name, effective_from=fact.effective_from
    )
    kept = await tx.session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Chain.chain_id],
            set_={name: statement.excluded[name] for name in ("revision", "name", "effective_from")},
            where=Chain.revision < statement.excluded.revision,
        ).returning(Chain.chain_id)
    )
    if kept is None:
        return
    emptied = delete(ChainMember).where(ChainMember.chain_id == fact.chain_id).returning(ChainMember.employee_id)
    people = {*(await tx.session.scalars(emptied)), *fact.member_ids}
    note_chain(tx, ChangedChain(frozenset(people), min(since or fact.effective_from, fact.effective_from)))
    members = [{"chain_id": fact.chain_id, "employee_id": member_id} for member_id in sorted(set(fact.member_ids))]
    if members:
        await tx.session.execute(insert(ChainMember), members)


async def keep_calendar(tx: Transaction, event: Event[CalendarRecorded]) -> None:
    """Record this revision of the calendar; one revision never changes."""
    fact = event.fact
    await tx.session.execute(
        upsert(CalendarVersion)
        .values(
            revision=fact.revision,
            effective_from=fact.effective_from,
            zone=fact.zone,
            currency=fact.currency,
            working_weekdays=sorted(set(fact.working_weekdays)),
            holidays=_days(fact.holidays),
            extra_working_days=_days(fact.extra_working_days),
        )
        .on_conflict_do_nothing(index_elements=[CalendarVersion.revision])
    )


def _days(days: Iterable[date]) -> list[date]:
    return sorted(set(days))
