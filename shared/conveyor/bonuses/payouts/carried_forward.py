"""Who is carried forward now: employees whose approved entries without a batch would come to less than nothing."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.payouts.waiting import HELD, IN_LIVE_BATCH
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.money import Money

_NEGATIVE = text(
    f"""
    WITH waiting AS (
        SELECT entry.employee_id, entry.currency, entry.period, entry.amount_minor
        FROM bonus_entries AS entry
        WHERE entry.period <= (SELECT max(period) FROM bonus_closed_periods)
            AND NOT {IN_LIVE_BATCH} AND NOT {HELD}
    ),
    nets AS (
        SELECT employee_id, currency, sum(amount_minor) AS amount_minor, count(*) AS entries, min(period) AS since
        FROM waiting GROUP BY employee_id, currency
    )
    SELECT employee_id, currency, amount_minor, entries, since
    FROM nets
    WHERE employee_id IN (SELECT employee_id FROM nets WHERE amount_minor < 0)
    ORDER BY employee_id, currency
    """  # noqa: S608 - fragments of our own
)


class CarriedForwardView(AnswerModel):
    """An employee who gets nothing until later entries outweigh these; `since` is the month of the earliest one."""

    employee_id: UUID
    net: list[WireMoney]
    entries: int
    since: str


async def carried_forward(session: AsyncSession) -> list[CarriedForwardView]:
    """Everybody who is carried forward, by id."""
    found: dict[UUID, CarriedForwardView] = {}
    for row in await session.execute(_NEGATIVE):
        net = Money(int(row.amount_minor), row.currency).to_wire()
        known = found.get(row.employee_id)
        found[row.employee_id] = CarriedForwardView(
            employee_id=row.employee_id,
            net=[*(known.net if known else ()), net],
            entries=row.entries + (known.entries if known else 0),
            since=min(row.since, known.since) if known else row.since,
        )
    return list(found.values())
