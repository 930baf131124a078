"""Closing a month of 1,000 employees and 100,000 payments, and whether the time is linear in the payments."""

import asyncio
from datetime import UTC, datetime

from bench.books import Books, books_of
from bench.measuring import Point, Report, Sizes, Stopwatch, stopwatch
from bench.story import Client, Story
from conveyor.bonuses.periods.close_period import close_period
from conveyor.kit.calendar import Month

EMPLOYEES = 1_000
PAYMENTS_OF_A_CLIENT = 5
SECONDS_MAX = 30.0
PLOT = "closing a month of 1,000 people, against payments of the month"


async def measure(report: Report, sizes: Sizes) -> None:
    """AM books: a December, so that the quarter's retention is computed too; a quarter, a half, all of the payments."""
    whole = sizes.of(100_000, 2_000)
    seconds: dict[int, float] = {}
    processor: dict[int, float] = {}
    for payments in (whole // 4, whole // 2, whole):
        async with books_of("am") as books:
            watch = await _closing(report, books, payments)
            seconds[payments], processor[payments] = watch.wall, watch.processor
    small, large = min(seconds), max(seconds)
    for name, taken in (("cost", seconds), ("processor time", processor)):
        growth = (taken[large] / large) / (taken[small] / small)
        report.add(f"{name} per payment, {large} ÷ {small}", [growth], "×", target=1.25, better="less")


async def _closing(report: Report, books: Books, payments: int) -> Stopwatch:
    story = Story()
    for role in ("sdr", "ae", "am"):
        await books.hear(story.hire(role, EMPLOYEES), at_once=EMPLOYEES)
    clients = payments // PAYMENTS_OF_A_CLIENT
    await books.hear(story.win_clients(clients, since=datetime(2025, 6, 2, 9, tzinfo=UTC)), at_once=2_500)
    with stopwatch() as watch:
        await books.hear(story.payments(payments, starts=datetime(2025, 12, 1, 9, tzinfo=UTC), days=29), at_once=1_000)
    report.add(f"{payments} payments heard before, by one consumer", [payments / watch.wall], "payments/s")
    waits = asyncio.create_task(_late_payments(books, story, story.clients[:5]))
    with stopwatch() as watch:
        closed = await close_period(books.desk, month=Month(2025, 12), actor="head")
    report.add(
        f"closing {closed.statements} people, {payments} payments",
        [watch.wall],
        "s",
        target=SECONDS_MAX,
        better="less",
        point=Point(PLOT, "on the wall", payments),
    )
    report.add(
        "of it the service's processor",
        [watch.processor],
        "s",
        better="less",
        point=Point(PLOT, "the service's processor", payments),
    )
    report.add("the longest wait of the consumer meanwhile", [await waits], "s", better="less")
    return watch


async def _late_payments(books: Books, story: Story, clients: list[Client]) -> float:
    """How long a batch that comes in the middle of the closing takes."""
    await asyncio.sleep(0.5)
    with stopwatch() as watch:
        await books.hear([story.pay(client, datetime(2026, 1, 5, 9, tzinfo=UTC)) for client in clients])
    return watch.wall
