"""What it costs to play a changed plan over a month and over more of the past: facts per second, and whether linear.

A replay evaluates every lead and every person twice, by the published plan and by the draft, in chunks of one
transaction each, as the service's worker does in the background (docs/decisions/0024).
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench.books import Books, books_of
from bench.measuring import Point, Report, Sizes, stopwatch
from bench.story import Story
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.tables import BonusFact
from conveyor.bonuses.plans.advance_replay import advance_replay
from conveyor.bonuses.plans.documents import PlanTerms
from conveyor.bonuses.plans.draft_version import draft_version
from conveyor.bonuses.plans.drafts import replay_of
from conveyor.bonuses.plans.replay_version import replay_version
from conveyor.bonuses.plans.standard import STANDARD_PLANS
from conveyor.kit.calendar import Month

if TYPE_CHECKING:
    from conveyor.bonuses.plans.version_views import ReplayView

PEOPLE = 100
PAYMENTS_OF_A_CLIENT = 5
LINEAR_MAX = 1.25
PLOT = "replay of a plan, facts per second of a core, against facts"
MONTH = Month(2025, 12)


async def measure(report: Report, sizes: Sizes) -> None:
    """AE and AM books: a quarter, a half and all of the payments, each replayed over one month."""
    whole = sizes.of(20_000, 400)
    roles: tuple[BonusRole, ...] = ("ae", "am")
    for role in roles:
        cost: dict[int, float] = {}
        for payments in (whole // 4, whole // 2, whole):
            async with books_of(role) as books:
                cost[payments] = await _one(report, books, payments)
        growth = cost[whole] / cost[whole // 4]
        report.add(
            f"{role}: processor per fact, {whole} ÷ {whole // 4} payments",
            [growth],
            "×",
            target=LINEAR_MAX,
            better="less",
        )


async def _one(report: Report, books: Books, payments: int) -> float:
    """Processor seconds of one fact, played by both plans."""
    role = books.desk.role
    story = Story()
    for each in ("sdr", "ae", "am"):
        await books.hear(story.hire(each, PEOPLE), at_once=PEOPLE)
    clients = payments // PAYMENTS_OF_A_CLIENT
    await books.hear(story.win_clients(clients, since=datetime(2025, 6, 2, 9, tzinfo=UTC)), at_once=2_500)
    await books.hear(story.payments(payments, starts=datetime(2025, 12, 1, 9, tzinfo=UTC), days=29), at_once=1_000)
    async with books.database.reading() as session:
        facts = await session.scalar(select(func.count()).select_from(BonusFact)) or 0
    with stopwatch() as watch:
        replayed = await _replay(books)
    if replayed.state != "done":
        msg = f"the replay is {replayed.state}"
        raise RuntimeError(msg)
    report.add(f"{role}: a month of {payments} payments replayed", [watch.wall], "s", better="less")
    report.add(
        f"{role}: facts replayed, {facts} in all",
        [facts / watch.wall],
        "facts/s",
    )
    report.add(
        f"{role}: the same per second of the service's processor",
        [facts / watch.processor],
        "facts/s",
        point=Point(PLOT, role, facts),
    )
    return watch.processor / facts


async def _replay(books: Books) -> "ReplayView":
    """The standard plan with every rate a tenth higher, over the month; what the worker would do, chunk by chunk."""
    code = f"{books.desk.role}-standard"
    document = STANDARD_PLANS[books.desk.role].model_dump(mode="json")
    terms = PlanTerms.model_validate(
        {name: document[name] for name in PlanTerms.model_fields if name in document}
        | {"effective_from": date(2026, 1, 1)}
    )
    draft = await draft_version(books.desk, code=code, terms=terms, author="bench")
    asked = await replay_version(
        books.desk, code=code, version=draft.version, first=MONTH, last=MONTH, last_months=None, requested_by="bench"
    )
    while await advance_replay(books.desk):
        pass
    async with books.database.reading() as session:
        return await replay_of(session, code=code, version=draft.version, replay_id=asked.id)
