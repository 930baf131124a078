"""What the short way reads of a lead is little, also while the planner knows the table as it was when it was young."""

from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.facts.neighbours import Fresh, Neighbourhood, neighbourhoods
from tests.bonuses.conftest import NewBooks
from tests.servers import PostgresForTests

OTHERS = 5_000
LEADS = 20
# Each lead paid later than everybody else together, so that whoever walks by time meets all of them first.
PAID = f"""
    ANALYZE bonus_facts;
    INSERT INTO bonus_facts (kind, identity, lead_id, occurred_at, event_id, body)
    SELECT 'payment_received', 'bank/' || payment, lead_id, paid_at, gen_random_uuid(), jsonb_build_object(
        'source', 'bank', 'payment_id', payment, 'amount', jsonb_build_object('amount', '10.00', 'currency', 'RUB'),
        'reference', jsonb_build_object('system', 'contract', 'value', 'K-1'))
    FROM (
        SELECT 'other-' || n AS payment, gen_random_uuid() AS lead_id, '2024-01-01T12:00Z'::timestamptz
            + n * interval '1 minute' AS paid_at FROM generate_series(1, {OTHERS}) AS n
        UNION ALL
        SELECT 'L' || lead || '-' || turn, md5('lead' || lead)::uuid, '2025-01-15T12:00Z'::timestamptz
            + make_interval(months => turn) FROM generate_series(1, {LEADS}) AS lead, generate_series(1, 4) AS turn
    ) AS paid
"""  # noqa: S608 - numbers of this file
READ = text(
    "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables "
    "WHERE relname = 'bonus_facts'"
)


@pytest.mark.parametrize(("every_month", "months"), [(False, ["02"]), (True, ["02", "03", "04"])])
async def test_a_lead_is_read_and_nobody_else(
    new_books: NewBooks, postgres: PostgresForTests, *, every_month: bool, months: list[str]
) -> None:
    books = await new_books("ae")
    postgres.databases.execute(PAID, database=urlsplit(books.database.url).path[1:])
    async with books.database.transaction() as tx:
        lead_ids = list(
            await tx.session.scalars(
                text(f"SELECT md5('lead' || n)::uuid FROM generate_series(1, {LEADS}) AS n ORDER BY n")  # noqa: S608 - a number
            )
        )
        before = await _rows_read(tx.session)
        fresh = {lead_id: Fresh(frozenset({f"bank/L{n}-4"}), frozenset()) for n, lead_id in enumerate(lead_ids, 1)}
        found = await neighbourhoods(tx.session, fresh, zone="Europe/Moscow", every_month=every_month)
        read = await _rows_read(tx.session) - before

    assert _months_of(found, lead_ids[6]) == [*months, "05"]
    # Four payments a lead, each looked at once or twice, and a neighbour here and there.
    assert read < LEADS * 12


async def _rows_read(session: AsyncSession) -> int:
    return int(await session.scalar(READ) or 0)


def _months_of(found: Mapping[UUID, Neighbourhood], lead_id: UUID) -> list[str]:
    return sorted(f"{payment.paid_at:%m}" for payment in found[lead_id].after.payments)
