"""Who worked in a chain with whom may be learned after the month was closed: pay does not depend on when."""

from datetime import date
from uuid import UUID

import pytest

from conveyor.bonuses.periods.close_period import close_period
from conveyor.contracts.roster import ChainRecorded
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, id_of
from tests.bonuses.old_clients import posted_by_the_whole_way
from tests.bonuses.plans.test_short_way_of_plans import books_with
from tests.bonuses.test_posting import entries

Recorded = tuple[str, int, str, tuple[str, ...]]


def _told(*chains: Recorded) -> Telling:
    told = Telling()
    for name, revision, since, members in chains:
        fact = ChainRecorded(
            chain_id=id_of("chain", name),
            revision=revision,
            name=name,
            member_ids=tuple(map(id_of, members)),
            effective_from=date.fromisoformat(since),
        )
        told.say(fact, "2025-01-01 09:00")
    return told


async def _closed_books(new_books: NewBooks, *chains: Recorded) -> Books:
    """January and February are closed; Boris's clients paid enough in February."""
    books = await books_with(new_books, "ae", "sum of a chain")
    told = _told(*chains)
    told.hired("Clara", "ae", "0202")
    told.hired("Dmitri", "ae", "0203")
    told.paid("L1", "P1", "2025-02-20 12:00", "150000.00", contract="C-L1")
    await books.hear(told.events)
    for month in (1, 2):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    return books


async def _paid(books: Books) -> dict[UUID, int]:
    sums: dict[UUID, int] = {}
    for entry in await entries(books):
        sums[entry.employee_id] = sums.get(entry.employee_id, 0) + entry.amount_minor
    return {employee_id: minor for employee_id, minor in sums.items() if minor}


BOTH: Recorded = ("one", 1, "2025-01-01", ("Anna", "Boris", "Clara"))


@pytest.mark.parametrize(
    ("before", "after", "pays"),
    [
        pytest.param((), (BOTH,), {"Boris": 25_000, "Clara": 25_000}, id="recorded late"),
        pytest.param((BOTH,), (("one", 2, "2025-01-01", ("Boris",)),), {"Boris": 50_000}, id="one taken out"),
        pytest.param((BOTH,), (("two", 1, "2025-02-01", ("Clara", "Dmitri")),), {"Boris": 50_000}, id="in a newer one"),
        pytest.param((BOTH,), (("one", 2, "2025-03-01", ("Boris", "Clara")),), {}, id="together only later"),
        pytest.param(
            (BOTH, ("two", 1, "2025-02-01", ("Clara", "Dmitri"))),
            (("two", 2, "2025-02-01", ("Dmitri",)),),
            {"Boris": 25_000, "Clara": 25_000},
            id="back in the older one",
        ),
        pytest.param((BOTH,), (("two", 1, "2025-03-01", ("Clara",)),), {"Boris": 25_000, "Clara": 25_000}, id="open"),
    ],
)
async def test_a_closed_month_follows(
    new_books: NewBooks, before: tuple[Recorded, ...], after: tuple[Recorded, ...], pays: dict[str, int]
) -> None:
    books = await _closed_books(new_books, *before)
    await books.hear(_told(*after).events)
    assert await _paid(books) == {id_of(name): minor for name, minor in pays.items()}
    assert await posted_by_the_whole_way(books) == 0


async def test_what_is_known_already_posts_nothing(new_books: NewBooks) -> None:
    books = await _closed_books(new_books, BOTH, ("one", 2, "2025-01-01", ("Boris",)))
    before = await entries(books)
    await books.hear(_told(BOTH).events)
    assert len(await entries(books)) == len(before)
