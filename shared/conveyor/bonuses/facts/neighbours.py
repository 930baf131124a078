"""Of a lead with many payments only what decides about a few of them: the short way's reads.

That is everything but payments; the payments named (new, or refunded at any time); and of the others the earliest of
each calendar month, which stands for its month. Whatever the number of payments, a month costs one step in an index.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, and_, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from conveyor.bonuses.among import among, among_named
from conveyor.bonuses.engine.facts import LeadFacts
from conveyor.bonuses.facts.gathered import Gathered
from conveyor.bonuses.facts.queries import FACT
from conveyor.bonuses.facts.reading import (
    PAYMENT_KINDS,
    STORED_KINDS,
    StoredFact,
    facts_of_parts,
    lead_facts,
    read_fact,
)
from conveyor.bonuses.facts.tables import BonusFact
from conveyor.kit.direct import Direct

PAYMENT, REFUND = PAYMENT_KINDS
_OTHER_KINDS = [kind for kind in STORED_KINDS if kind != PAYMENT]

# Each turn looks for the first payment after the month of the one before, one row of the index. Of several at one
# instant the engine's order decides. A lead's own names are compared with its own payments alone. Rows are compared
# whole, and whose they are only afterwards: so no other index has their order. With statistics of a young table the
# planner else walks everybody's payments by time until one of this lead comes. The same for `_NAMED` below.
_FIRST_OF_MONTHS = Direct(
    """
    WITH RECURSIVE firsts AS (
        SELECT first.*, named
        FROM unnest(CAST(:leads AS uuid[]), CAST(CAST(:named AS text[]) AS jsonb[])) AS wanted (wanted_id, named)
        CROSS JOIN LATERAL (
            SELECT kind, lead_id, employee_id, occurred_at, event_id, body FROM bonus_facts
            WHERE (lead_id, kind, occurred_at) >= (wanted_id, 'payment_received', '-infinity') AND NOT named ? identity
            ORDER BY lead_id, kind, occurred_at, body ->> 'payment_id' COLLATE "C", body ->> 'source' COLLATE "C"
            LIMIT 1) AS first
        WHERE first.lead_id = wanted_id AND first.kind = 'payment_received'
        UNION ALL
        SELECT next.*, named FROM firsts CROSS JOIN LATERAL (
            SELECT kind, lead_id, employee_id, occurred_at, event_id, body FROM bonus_facts
            WHERE (lead_id, kind, occurred_at) >= (firsts.lead_id, 'payment_received',
                    date_add(date_trunc('month', firsts.occurred_at, CAST(:zone AS text)), '1 month', :zone))
                AND NOT named ? identity
            ORDER BY lead_id, kind, occurred_at LIMIT 1) AS next
        WHERE CAST(:every_month AS boolean) AND next.lead_id = firsts.lead_id AND next.kind = 'payment_received'
    )
    SELECT kind, lead_id, employee_id, occurred_at, event_id, body FROM firsts
    """
)
_WHOLE = Direct(
    """
    SELECT kind, bonus_facts.lead_id, employee_id, occurred_at, event_id, body, identity
    FROM unnest(CAST(:leads AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS wanted (lead_id, starts, ends)
    JOIN bonus_facts ON bonus_facts.lead_id = wanted.lead_id AND kind = 'payment_received'
        AND occurred_at >= wanted.starts AND occurred_at < wanted.ends
    """
)
# Each pair is one look into the primary key, however large the table and whatever its statistics say.
_NAMED = Direct(
    """
    SELECT fact.*
    FROM unnest(CAST(:leads AS uuid[]), CAST(:identities AS text[])) AS wanted (wanted_id, wanted_identity)
    CROSS JOIN LATERAL (
        SELECT kind, lead_id, employee_id, occurred_at, event_id, body, identity FROM bonus_facts
        WHERE (kind, identity) >= ('payment_received', wanted_identity) ORDER BY kind, identity LIMIT 1) AS fact
    WHERE fact.kind = 'payment_received' AND fact.identity = wanted_identity AND fact.lead_id = wanted_id
    """
)
_OTHERS = Direct(
    select(*FACT, BonusFact.identity).where(
        among_named(BonusFact.lead_id, "leads"), BonusFact.kind == any_(bindparam("kinds", type_=ARRAY(Text())))
    )
)


class KnownFact(StoredFact, Protocol):
    """A row with its identity; the firsts of months come without."""

    identity: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """Identities of the payments and refunds that a transaction learned of one lead."""

    payments: frozenset[str]
    refunds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one instant until another, half-open."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What was read of one lead, with the news and without; `complete` when nothing of it was left out.

    `closer`: by the second look, so the first payment of every month and all payments of its stretch are there.
    """

    after: LeadFacts
    before: LeadFacts
    fresh: Fresh
    complete: bool
    closer: bool
    read: list[KnownFact] = field(repr=False)
    """The rows themselves, but the firsts of months."""


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
    """What decides about the news of these leads; without `every_month` of the others only the earliest payment."""
    others = await _rows(session, _OTHERS, leads=list(fresh), kinds=_OTHER_KINDS)
    named = {lead_id: set(news.payments) for lead_id, news in fresh.items()}
    for lead_id, rows in others.items():
        named[lead_id] |= {_payment_of(row) for row in rows if row.kind == REFUND}
    payments = await _payments(session, named)
    firsts = await _first_of_months(session, named, zone=zone, every_month=every_month)
    return {
        lead_id: _neighbourhood(lead_id, news, [*others[lead_id], *payments[lead_id]], firsts[lead_id], closer=False)
        for lead_id, news in fresh.items()
    }


async def closer_neighbourhoods(
    session: AsyncSession, near: Mapping[UUID, Neighbourhood], *, zone: str, whole: Mapping[UUID, Stretch]
) -> dict[UUID, Neighbourhood]:
    """A second look at these leads: the first payment of every month, and all payments of the stretches in `whole`."""
    known = {lead_id: list(each.read) for lead_id, each in near.items()}
    named = {lead_id: {row.identity for row in rows if row.kind == PAYMENT} for lead_id, rows in known.items()}
    for lead_id, rows in (await _stretches(session, whole)).items() if whole else ():
        known[lead_id] += [row for row in rows if row.identity not in named[lead_id]]
        named[lead_id] |= {row.identity for row in rows}
    firsts = await _first_of_months(session, named, zone=zone, every_month=True)
    return {
        lead_id: _neighbourhood(lead_id, each.fresh, known[lead_id], firsts[lead_id], closer=True)
        for lead_id, each in near.items()
    }


async def facts_since(
    session: AsyncSession, lead_ids: Collection[UUID], *, since: datetime, zone: str
) -> list[LeadFacts]:
    """Everything about these leads but payments made before `since` and never refunded; of those the earliest only."""
    others = await _rows(session, _OTHERS, leads=list(lead_ids), kinds=_OTHER_KINDS)
    refunded = {lead_id: {_payment_of(row) for row in others[lead_id] if row.kind == REFUND} for lead_id in lead_ids}
    late = and_(BonusFact.kind == PAYMENT, BonusFact.occurred_at >= since, among(BonusFact.lead_id, lead_ids))
    payments = _by_lead(await session.execute(select(*FACT, BonusFact.identity).where(late)))
    named = await _payments(session, refunded)
    firsts = await _first_of_months(session, refunded, zone=zone, every_month=False)
    # A row that was read twice is one fact to the engine.
    return [
        lead_facts(lead_id, [*others[lead_id], *payments[lead_id], *named[lead_id], *firsts[lead_id]])
        for lead_id in sorted(lead_ids)
    ]


def _neighbourhood(
    lead_id: UUID, fresh: Fresh, known: list[KnownFact], firsts: Iterable[KnownFact], *, closer: bool
) -> Neighbourhood:
    news = {(PAYMENT, identity) for identity in fresh.payments} | {(REFUND, identity) for identity in fresh.refunds}
    new: list[tuple[str, Any]] = []
    old: list[tuple[str, Any]] = []
    for row in known:
        (new if (row.kind, row.identity) in news else old).append(read_fact(row))
    left_out = [read_fact(row) for row in firsts]
    return Neighbourhood(
        after=facts_of_parts(lead_id, [*old, *new, *left_out]),
        before=facts_of_parts(lead_id, [*old, *left_out]),
        fresh=fresh,
        complete=not left_out,
        closer=closer,
        read=known,
    )


async def _payments(session: AsyncSession, named: Mapping[UUID, Collection[str]]) -> defaultdict[UUID, list[KnownFact]]:
    pairs = [(lead_id, identity) for lead_id, identities in named.items() for identity in identities]
    leads, identities = [lead_id for lead_id, _ in pairs], [identity for _, identity in pairs]
    return await _rows(session, _NAMED, leads=leads, identities=identities)


async def _first_of_months(
    session: AsyncSession, but: Mapping[UUID, Collection[str]], *, zone: str, every_month: bool
) -> defaultdict[UUID, list[KnownFact]]:
    named = [orjson.dumps(sorted(identities)).decode() for identities in but.values()]
    return await _rows(session, _FIRST_OF_MONTHS, leads=list(but), named=named, zone=zone, every_month=every_month)


async def _stretches(session: AsyncSession, whole: Mapping[UUID, Stretch]) -> defaultdict[UUID, list[KnownFact]]:
    starts, ends = [stretch.starts for stretch in whole.values()], [stretch.ends for stretch in whole.values()]
    return await _rows(session, _WHOLE, leads=list(whole), starts=starts, ends=ends)


async def _rows(session: AsyncSession, statement: Direct, **asked: Any) -> defaultdict[UUID, list[KnownFact]]:  # noqa: ANN401 - values of any kind
    return _by_lead(await statement.rows(session, **asked))


def _by_lead(rows: Iterable[Any]) -> defaultdict[UUID, list[KnownFact]]:
    found: defaultdict[UUID, list[KnownFact]] = defaultdict(list)
    for row in rows:
        found[row.lead_id].append(row)
    return found


def _payment_of(refund: KnownFact) -> str:
    return f"{refund.body['source']}/{refund.body['payment_id']}"
