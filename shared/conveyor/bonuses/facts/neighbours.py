"""Of a lead with many payments only what decides about a few of them: the short way's reads.

That is everything but payments; the payments named (new, or refunded at any time); and of the others the earliest of
each calendar month, which stands for its month. Whatever the number of payments, a month costs one step in an index.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import DateTime, Text, Uuid

from conveyor.bonuses.among import among
from conveyor.bonuses.engine.facts import LeadFacts
from conveyor.bonuses.facts.gathered import Gathered
from conveyor.bonuses.facts.queries import FACT
from conveyor.bonuses.facts.reading import PAYMENT_KINDS, STORED_KINDS, lead_facts
from conveyor.bonuses.facts.tables import BonusFact

PAYMENT, REFUND = PAYMENT_KINDS
_OTHER_KINDS = tuple(kind for kind in STORED_KINDS if kind != PAYMENT)

# Each turn looks for the first payment after the month of the one before, one row of the index. Of several at one
# instant the engine's order decides.
_FIRST_OF_MONTHS = text(
    """
    WITH RECURSIVE firsts AS (
        SELECT first.* FROM unnest(:leads) AS wanted (lead_id) CROSS JOIN LATERAL (
            SELECT kind, lead_id, employee_id, occurred_at, event_id, body FROM bonus_facts
            WHERE bonus_facts.lead_id = wanted.lead_id AND kind = 'payment_received' AND identity <> ALL (:named)
            ORDER BY occurred_at, body ->> 'payment_id' COLLATE "C", body ->> 'source' COLLATE "C" LIMIT 1) AS first
        UNION ALL
        SELECT next.* FROM firsts CROSS JOIN LATERAL (
            SELECT kind, lead_id, employee_id, occurred_at, event_id, body FROM bonus_facts
            WHERE :every_month AND bonus_facts.lead_id = firsts.lead_id AND kind = 'payment_received'
                AND occurred_at >= date_add(date_trunc('month', firsts.occurred_at, :zone), '1 month', :zone)
                AND identity <> ALL (:named)
            ORDER BY occurred_at LIMIT 1) AS next
    )
    SELECT * FROM firsts
    """
).bindparams(bindparam("leads", type_=ARRAY(Uuid())), bindparam("named", type_=ARRAY(TEXT())))
_FIRST_OF_MONTHS_ROWS = _FIRST_OF_MONTHS.columns(
    column("kind", Text()),
    column("lead_id", Uuid()),
    column("employee_id", Uuid()),
    column("occurred_at", DateTime(timezone=True)),
    column("event_id", Uuid()),
    column("body", JSONB()),
)


@dataclass(frozen=True, slots=True)
class Fresh:
    """Identities of the payments and refunds that a transaction learned of one lead."""

    payments: frozenset[str]
    refunds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What was read of one lead, with the news and without; `complete` when nothing of it was left out."""

    after: LeadFacts
    before: LeadFacts
    fresh: Fresh
    complete: bool


def only_payments(gathered: Gathered) -> dict[UUID, Fresh]:
    """The leads of which nothing but payments and refunds was learned."""
    news: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for row in gathered.facts:
        news[row["lead_id"]].append((row["kind"], row["identity"]))
    return {
        lead_id: Fresh(
            payments=frozenset(identity for kind, identity in facts if kind == PAYMENT),
            refunds=frozenset(identity for kind, identity in facts if kind == REFUND),
        )
        for lead_id, facts in news.items()
        if all(kind in PAYMENT_KINDS for kind, _ in facts)
    }


async def neighbourhoods(
    session: AsyncSession, fresh: Mapping[UUID, Fresh], *, zone: str, every_month: bool
) -> dict[UUID, Neighbourhood]:
    """What decides about the news of these leads; without `every_month` only the earliest month is looked for."""
    others = await _rows(session, select(*FACT, BonusFact.identity).where(_of(fresh, _OTHER_KINDS)))
    named = {identity for news in fresh.values() for identity in news.payments}
    named |= {_payment_of(row) for rows in others.values() for row in rows if row.kind == REFUND}
    payments = await _rows(
        session,
        select(*FACT, BonusFact.identity).where(
            BonusFact.kind == PAYMENT, BonusFact.identity.in_(sorted(named)), among(BonusFact.lead_id, fresh)
        ),
    )
    firsts: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    asked = {"leads": list(fresh), "named": sorted(named), "zone": zone, "every_month": every_month}
    for row in await session.execute(_FIRST_OF_MONTHS_ROWS, asked):
        firsts[row.lead_id].append(row)
    return {
        lead_id: _neighbourhood(lead_id, news, [*others[lead_id], *payments[lead_id]], firsts[lead_id])
        for lead_id, news in fresh.items()
    }


def _neighbourhood(lead_id: UUID, fresh: Fresh, known: list[Row[Any]], firsts: Iterable[Row[Any]]) -> Neighbourhood:
    news = {(PAYMENT, identity) for identity in fresh.payments} | {(REFUND, identity) for identity in fresh.refunds}
    old = [row for row in known if (row.kind, row.identity) not in news]
    left_out = list(firsts)
    return Neighbourhood(
        after=lead_facts(lead_id, [*known, *left_out]),
        before=lead_facts(lead_id, [*old, *left_out]),
        fresh=fresh,
        complete=not left_out,
    )


async def _rows(session: AsyncSession, statement: Select[Any]) -> defaultdict[UUID, list[Row[Any]]]:
    found: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in await session.execute(statement):
        found[row.lead_id].append(row)
    return found


def _of(leads: Collection[UUID], kinds: Collection[str]) -> ColumnElement[bool]:
    return and_(among(BonusFact.lead_id, leads), BonusFact.kind.in_(kinds))


def _payment_of(refund: Row[Any]) -> str:
    return f"{refund.body['source']}/{refund.body['payment_id']}"
