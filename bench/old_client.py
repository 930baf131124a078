"""A payment on a client with many earlier ones against one on a new client, in the consumer's batch path."""

import statistics
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bench.books import Books, books_of
from bench.measuring import Report, Sizes, stopwatch
from bench.story import Client, Story

if TYPE_CHECKING:
    from conveyor.bonuses.engine.lines import BonusRole

BATCH = 20


async def measure(report: Report, sizes: Sizes) -> None:
    """For each role: a batch on new clients, then the same batch on clients with `earlier` payments."""
    roles: tuple[BonusRole, ...] = ("sdr", "ae", "am")
    for role in roles:
        async with books_of(role) as books:
            await _one_role(report, books, sizes)


async def _one_role(report: Report, books: Books, sizes: Sizes) -> None:
    earlier, repeats = sizes.of(1_000, 40), sizes.repeats + 2
    story = Story()
    role = books.desk.role
    for each in ("sdr", "ae", "am"):
        await books.hear(story.hire(each, 10))
    since = datetime(2025, 1, 9, 9, tzinfo=UTC)
    await books.hear(story.win_clients(BATCH * (repeats + 2), since=since))
    old, new = story.clients[:BATCH], story.clients[BATCH:]
    await _grow_old(books, story, old, earlier)
    today = datetime(2026, 1, 5, 9, tzinfo=UTC)
    await _seconds(books, story, new[:BATCH], today)
    on_new, on_old = [], []
    for place in range(repeats):
        fresh = new[BATCH * (place + 1) : BATCH * (place + 2)]
        on_new.append(await _seconds(books, story, fresh, today))
        on_old.append(await _seconds(books, story, old, today + timedelta(minutes=place)))
    report.add(f"{role}: a payment on a new client", [1e3 * each / BATCH for each in on_new], "ms", better="less")
    report.add(f"{role}: on one with {earlier}", [1e3 * each / BATCH for each in on_old], "ms", better="less")
    floor = statistics.median(on_new)
    report.add(f"{role}: old ÷ new", [each / floor for each in on_old], "×", target=2.0, better="less")


async def _grow_old(books: Books, story: Story, clients: list[Client], earlier: int) -> None:
    starts, step = datetime(2025, 2, 1, 9, tzinfo=UTC), timedelta(days=320) / earlier
    for client in clients:
        await books.hear((story.pay(client, starts + step * place) for place in range(earlier)), at_once=earlier)


async def _seconds(books: Books, story: Story, clients: list[Client], paid_at: datetime) -> float:
    messages = [story.pay(client, paid_at) for client in clients]
    with stopwatch() as watch:
        await books.hear(messages)
    return watch.wall
