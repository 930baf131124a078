"""Reads of the copy: facts by lead and by person-month, and which leads a change concerns."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conveyor.bonuses.among import among, among_named
from conveyor.bonuses.engine.facts import CallTally, LeadFacts, PersonMonthFacts, month_starts_and_ends
from conveyor.bonuses.facts.reading import (
    PAYMENT_KINDS,
    WITHDRAWAL_KINDS,
    WORK_KINDS,
    StoredFact,
    lead_facts,
    withdrawal,
    work,
)
from conveyor.bonuses.facts.tables import BonusCall, BonusFact, BonusLead
from conveyor.kit.calendar import BusinessCalendar, Month
from conveyor.kit.direct import Direct

FACT = (
    BonusFact.kind,
    BonusFact.lead_id,
    BonusFact.employee_id,
    BonusFact.occurred_at,
    BonusFact.event_id,
    BonusFact.body,
)
_OF_LEADS = Direct(select(*FACT).where(among_named(BonusFact.lead_id, "leads")))


async def facts_of_leads(session: AsyncSession, lead_ids: Collection[UUID]) -> list[LeadFacts]:
    """Everything known of each of these leads, by lead id."""
    rows: defaultdict[UUID, list[StoredFact]] = defaultdict(list)
    for row in await _OF_LEADS.rows(session, leads=list(lead_ids)):
        rows[row.lead_id].append(row)
    return [lead_facts(lead_id, rows[lead_id]) for lead_id in sorted(lead_ids)]


async def facts_of_person_months(
    session: AsyncSession, person_months: Iterable[tuple[UUID, Month]], *, calendar: BusinessCalendar
) -> list[PersonMonthFacts]:
    """Each employee's month: work done in it with its withdrawals, and the calls tallied by duration."""
    return [
        await _person_month(session, employee_id, month, calendar=calendar)
        for employee_id, month in sorted(set(person_months))
    ]


async def _person_month(
    session: AsyncSession, employee_id: UUID, month: Month, *, calendar: BusinessCalendar
) -> PersonMonthFacts:
    starts, ends = month_starts_and_ends(calendar, month)
    done = (
        await session.execute(
            select(*FACT).where(
                BonusFact.employee_id == employee_id,
                BonusFact.kind.in_(WORK_KINDS),
                BonusFact.occurred_at >= starts,
                BonusFact.occurred_at < ends,
            )
        )
    ).all()
    leads = {row.lead_id for row in done if row.kind == "meeting_booked"}
    undone: Sequence[Row[Any]] = ()
    if leads:
        undone = (
            await session.execute(
                select(*FACT).where(among(BonusFact.lead_id, leads), BonusFact.kind.in_(WITHDRAWAL_KINDS))
            )
        ).all()
    calls = await session.execute(
        select(BonusCall.duration_seconds, func.count())
        .where(
            BonusCall.employee_id == employee_id,
            BonusCall.started_at >= starts,
            BonusCall.started_at < ends,
        )
        .group_by(BonusCall.duration_seconds)
    )
    return PersonMonthFacts(
        employee_id=employee_id,
        month=month,
        work=tuple(work(row) for row in done),
        withdrawals=tuple(withdrawal(row) for row in undone),
        calls=CallTally(tuple((duration, count) for duration, count in calls)),
    )


async def leads_of(session: AsyncSession, employee_ids: Collection[UUID]) -> set[UUID]:
    """Leads in whose facts one of these employees is named."""
    return set(
        await session.scalars(select(BonusFact.lead_id).distinct().where(among(BonusFact.employee_id, employee_ids)))
    )


async def every_lead(session: AsyncSession) -> set[UUID]:
    """All leads that have facts."""
    return set(await session.scalars(select(BonusFact.lead_id).distinct()))


async def paying_leads(
    session: AsyncSession, *, starts: datetime, ends: datetime, naming: Collection[UUID] | None = None
) -> set[UUID]:
    """Leads with a payment in the half-open interval; of those in whose facts one of `naming` is named, when given."""
    paid = aliased(BonusFact)
    in_time = (paid.kind == "payment_received", paid.occurred_at >= starts, paid.occurred_at < ends)
    if naming is None:
        return set(await session.scalars(select(paid.lead_id).distinct().where(*in_time)))
    theirs = select(BonusFact.lead_id).distinct().where(among(BonusFact.employee_id, naming)).subquery()
    # Each of their leads is one look into the index of its payments; without the limit the planner may turn it round
    # and read everybody's payments of that time.
    pays = select(paid.event_id).where(paid.lead_id == theirs.c.lead_id, *in_time).limit(1).lateral()
    return set(await session.scalars(select(theirs.c.lead_id).join(pays, true())))


async def leads_between(
    session: AsyncSession, employee_ids: Collection[UUID], *, starts: datetime, ends: datetime
) -> set[UUID]:
    """Leads in whose facts one of these employees is named and of which a fact lies in the half-open interval."""
    theirs = select(BonusFact.lead_id).where(among(BonusFact.employee_id, employee_ids))
    return set(
        await session.scalars(
            select(BonusFact.lead_id)
            .distinct()
            .where(BonusFact.lead_id.in_(theirs), BonusFact.occurred_at >= starts, BonusFact.occurred_at < ends)
        )
    )


async def leads_since(session: AsyncSession, starts: datetime) -> set[UUID]:
    """Leads with a fact at or after an instant."""
    return set(await session.scalars(select(BonusFact.lead_id).distinct().where(BonusFact.occurred_at >= starts)))


async def call_tallies(
    session: AsyncSession, employee_ids: Collection[UUID], months: Iterable[Month], *, calendar: BusinessCalendar
) -> dict[tuple[UUID, Month], CallTally]:
    """The calls of these employees in each of these months, by duration."""
    found: dict[tuple[UUID, Month], CallTally] = {}
    for month in months:
        starts, ends = month_starts_and_ends(calendar, month)
        tallied: defaultdict[UUID, list[tuple[int, int]]] = defaultdict(list)
        for row in await session.execute(
            select(BonusCall.employee_id, BonusCall.duration_seconds, func.count().label("calls"))
            .where(
                among(BonusCall.employee_id, employee_ids),
                BonusCall.started_at >= starts,
                BonusCall.started_at < ends,
            )
            .group_by(BonusCall.employee_id, BonusCall.duration_seconds)
        ):
            tallied[row.employee_id].append((row.duration_seconds, row.calls))
        found |= {(employee_id, month): CallTally(tuple(calls)) for employee_id, calls in tallied.items()}
    return found


async def workers_between(
    session: AsyncSession, *, starts: datetime, ends: datetime, employee_id: UUID | None = None
) -> set[UUID]:
    """Employees who worked on leads in the half-open interval, of all or whether the one did."""
    statement = (
        select(BonusFact.employee_id)
        .distinct()
        .where(BonusFact.kind.in_(WORK_KINDS), BonusFact.occurred_at >= starts, BonusFact.occurred_at < ends)
    )
    if employee_id is not None:
        statement = statement.where(BonusFact.employee_id == employee_id)
    return {found for found in await session.scalars(statement) if found is not None}


async def work_times(session: AsyncSession, employee_ids: Collection[UUID] | None) -> set[tuple[UUID, datetime]]:
    """(employee, instant) of the work of these employees, of everybody for None."""
    statement = select(BonusFact.employee_id, BonusFact.occurred_at).where(BonusFact.kind.in_(WORK_KINDS))
    if employee_ids is not None:
        statement = statement.where(among(BonusFact.employee_id, employee_ids))
    return {(row.employee_id, row.occurred_at) for row in await session.execute(statement)}


async def first_business_instant(session: AsyncSession) -> datetime | None:
    """The earliest business time among payments, refunds and work; None without any. Calls alone pay nothing."""
    # Kind by kind, so that each minimum is the first row of an index and not a walk over the table.
    kinds = ("payment_received", "payment_refunded", *WORK_KINDS)
    firsts = [
        await session.scalar(select(func.min(BonusFact.occurred_at)).where(BonusFact.kind == kind)) for kind in kinds
    ]
    return min((first for first in firsts if first is not None), default=None)


async def names_of_leads(session: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the companies are called, as far as announced."""
    rows = await session.execute(select(BonusLead.lead_id, BonusLead.name).where(among(BonusLead.lead_id, lead_ids)))
    return {row.lead_id: row.name for row in rows}


async def leads_of_payment(session: AsyncSession, payment_id: str) -> set[UUID]:
    """Leads that a payment of this id came from, whatever the source."""
    return set(
        await session.scalars(
            select(BonusFact.lead_id)
            .distinct()
            .where(BonusFact.kind.in_(PAYMENT_KINDS), BonusFact.body["payment_id"].astext == payment_id)
        )
    )


async def causes_of_payment(session: AsyncSession, payment_id: str) -> set[str]:
    """The causes under which lines of this payment and of its refunds stand."""
    rows = await session.execute(
        select(BonusFact.kind, BonusFact.body).where(
            BonusFact.kind.in_(PAYMENT_KINDS), BonusFact.body["payment_id"].astext == payment_id
        )
    )
    return {
        f"payment:{row.body['source']}:{payment_id}"
        if row.kind == "payment_received"
        else f"refund:{row.body['source']}:{row.body['refund_id']}"
        for row in rows
    }
