"""Where every approved entry is: in one live batch, on hold, carried forward; and what is nowhere.

Approved is what stands in a closed month: nothing is posted into it any more.
"""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.payouts.waiting import HELD
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.money import Money

VIOLATORS_SHOWN_MAX = 200

Place = Literal["batched", "on_hold", "carried_forward", "nowhere"]
Because = Literal["no_batch_yet", "batch_rejected", "line_rejected"]

# An entry is carried forward when a live batch could have taken it and says that its owner's net was negative. What was
# let go after that batch (a rejected line, a released hold) was not weighed by it.
_PLACED = f"""
    WITH approved AS MATERIALIZED (
        SELECT entry.entry_id, entry.journal_no, entry.employee_id, entry.component, entry.cause_id, entry.period,
            entry.reverses, entry.amount_minor, entry.currency
        FROM bonus_entries AS entry
        WHERE entry.period <= (SELECT max(period) FROM bonus_closed_periods)
            AND (CAST(:period AS text) IS NULL OR entry.period = :period)
    ),
    carried AS MATERIALIZED (
        SELECT (who ->> 'employee_id')::uuid AS employee_id, batch_id, period, journal_no, frozen_at
        FROM bonus_payout_batches, jsonb_array_elements(carried_forward) AS who
        WHERE state <> 'rejected'
    ),
    loose AS MATERIALIZED (
        SELECT entry.*, {HELD} AS is_held
        FROM approved AS entry
        WHERE NOT EXISTS (
            SELECT FROM bonus_payout_batch_entries AS held WHERE held.entry_id = entry.entry_id AND held.live
        )
    ),
    let_go AS (
        SELECT loose.entry_id, max(past.moment) AS moment
        FROM loose, LATERAL (
            SELECT released_at AS moment FROM bonus_payout_batch_entries WHERE entry_id = loose.entry_id
            UNION ALL
            SELECT released_at FROM bonus_payout_holds
            WHERE employee_id = loose.employee_id OR entry_id IN (loose.entry_id, loose.reverses)
        ) AS past
        GROUP BY loose.entry_id
    ),
    placed AS (
        SELECT loose.*,
            CASE
                WHEN is_held THEN 'on_hold'
                WHEN EXISTS (
                    SELECT FROM carried
                    WHERE carried.employee_id = loose.employee_id
                        AND carried.period >= loose.period
                        AND carried.journal_no >= loose.journal_no
                        AND carried.frozen_at >= coalesce(let_go.moment, '-infinity')
                ) THEN 'carried_forward'
                ELSE 'nowhere'
            END AS place
        FROM loose LEFT JOIN let_go USING (entry_id)
    )
"""  # noqa: S608 - a fragment of our own

_SUMS = text(
    f"""
    {_PLACED}
    SELECT coalesce(place, 'batched') AS place, approved.currency, count(*) AS entries,
        sum(approved.amount_minor) AS amount_minor
    FROM approved LEFT JOIN placed USING (entry_id)
    GROUP BY 1, 2
    ORDER BY 1, 2
    """  # noqa: S608 - fragments of our own
)

_NOWHERE = text(
    f"""
    {_PLACED}
    SELECT placed.entry_id, placed.journal_no, placed.employee_id, placed.period, placed.component, placed.cause_id,
        placed.amount_minor, placed.currency, last.batch_id, last.state, last.released_because
    FROM placed LEFT JOIN LATERAL (
        SELECT held.batch_id, held.released_because, batch.state
        FROM bonus_payout_batch_entries AS held JOIN bonus_payout_batches AS batch USING (batch_id)
        WHERE held.entry_id = placed.entry_id
        ORDER BY held.released_at DESC, batch.period DESC, batch.number DESC
        LIMIT 1
    ) AS last ON true
    WHERE placed.place = 'nowhere'
    ORDER BY placed.journal_no
    LIMIT :limit
    """  # noqa: S608 - fragments of our own
)


class PlaceSum(AnswerModel):
    """How many entries, and the sum of every currency."""

    entries: int
    totals: list[WireMoney]


class Violator(AnswerModel):
    """An approved entry that is in no batch, not on hold and not carried forward, and how that came.

    `last_batch_id` and `reason` are those of the batch that payroll rejected, whole or this line of it.
    """

    entry_id: UUID
    journal_no: int
    employee_id: UUID
    period: str
    component: str
    cause_id: str
    amount: WireMoney
    because: Because
    last_batch_id: str | None
    reason: str | None


class ReconciliationView(AnswerModel):
    """Every approved entry is in exactly one place; complete when none is nowhere. `violators` are the first 200."""

    period: str | None
    is_complete: bool
    approved: PlaceSum
    batched: PlaceSum
    on_hold: PlaceSum
    carried_forward: PlaceSum
    nowhere: PlaceSum
    violators: list[Violator]


async def reconcile(session: AsyncSession, *, period: str | None) -> ReconciliationView:
    """The entries of one payroll period, or of all closed ones."""
    found = [tuple(row) for row in await session.execute(_SUMS, {"period": period})]
    nowhere = _sum(found, "nowhere")
    violators = await _violators(session, period=period) if nowhere.entries else []
    return ReconciliationView(
        period=period,
        is_complete=not nowhere.entries,
        approved=_sum(found, None),
        batched=_sum(found, "batched"),
        on_hold=_sum(found, "on_hold"),
        carried_forward=_sum(found, "carried_forward"),
        nowhere=nowhere,
        violators=violators,
    )


async def _violators(session: AsyncSession, *, period: str | None) -> list[Violator]:
    rows = await session.execute(_NOWHERE, {"period": period, "limit": VIOLATORS_SHOWN_MAX})
    return [
        Violator(
            entry_id=row.entry_id,
            journal_no=row.journal_no,
            employee_id=row.employee_id,
            period=row.period,
            component=row.component,
            cause_id=row.cause_id,
            amount=Money(row.amount_minor, row.currency).to_wire(),
            because=_because(row.batch_id, row.state),
            last_batch_id=row.batch_id,
            reason=row.released_because,
        )
        for row in rows
    ]


def _because(batch_id: str | None, state: str | None) -> Because:
    if batch_id is None:
        return "no_batch_yet"
    return "batch_rejected" if state == "rejected" else "line_rejected"


def _sum(found: Iterable[tuple[Any, ...]], place: Place | None) -> PlaceSum:
    entries, sums = 0, dict[str, Money]()
    for its_place, currency, count, amount_minor in found:
        if place in {None, its_place}:
            entries += count
            sums[currency] = sums.get(currency, Money.zero(currency)) + Money(int(amount_minor), currency)
    return PlaceSum(entries=entries, totals=[sums[currency].to_wire() for currency in sorted(sums)])
