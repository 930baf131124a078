"""While a month is closed the consumer waits for the journal longer than a request would, and goes on unharmed."""

import asyncio

from sqlalchemy import text

from conveyor.bonuses.ledger import post_differences
from conveyor.bonuses.ledger.append import head_of, lock_journal
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Telling


def _one_payment() -> Telling:
    told = Telling()
    for name, (role, number) in PEOPLE.items():
        told.hired(name, role, number)
    told.accepted_by_account("Vera", "L1", "2025-09-01 10:00")
    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    return told


async def test_a_batch_waits_for_a_closing_that_takes_longer_than_the_usual_timeout(new_books: NewBooks) -> None:
    books = await new_books("am")
    async with books.database.transaction() as closing:
        await lock_journal(closing)
        hearing = asyncio.create_task(books.hear(_one_payment().events))
        async with books.database.transaction() as looking:
            await looking.session.execute(text("SET LOCAL lock_timeout = '1ms'"))
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            async with asyncio.timeout(10):
                while not await looking.session.scalar(waiting):  # noqa: ASYNC110 - the database knows it, no event of ours
                    await asyncio.sleep(0.01)
        assert not hearing.done()
        await closing.commit()
    await hearing
    async with books.database.reading() as session:
        assert (await head_of(session)).journal_no == 1


async def test_the_longer_patience_ends_with_the_wait(new_books: NewBooks) -> None:
    books = await new_books("am")
    async with books.database.transaction() as first:
        await lock_journal(first)

        async def second() -> list[str | None]:
            async with books.database.transaction() as tx:
                await lock_journal(tx, seconds_max=post_differences.CONSUMER_PATIENCE_SECONDS)
                names = ("lock_timeout", "statement_timeout")
                return [await tx.session.scalar(text(f"SELECT current_setting('{name}')")) for name in names]

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)
        await first.commit()
    assert await waiting == ["10s", "30s"]
