"""The same facts, shuffled, repeated, in batches of any size: the same payroll file to the byte."""

import random

import pytest

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.periods.close_period import close_period
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books
from tests.bonuses.payroll_office import exported
from tests.bonuses.quarter import golden_quarter

MONTHS = [Month(2025, number) for number in (9, 10, 11, 12)]


async def files_of(books: Books) -> list[bytes]:
    files = []
    for month in MONTHS:
        await close_period(books.desk, month=month, actor="head")
        batch = await freeze_batch(books.desk, month=month, actor="payroll")
        files.append(await exported(books, batch.id))
    return files


@pytest.mark.parametrize("role", ["sdr", "ae", "am"])
async def test_order_and_repetition_do_not_show(new_books: NewBooks, role: BonusRole) -> None:
    events = golden_quarter(calls=role == "sdr").events
    told = await new_books(role)
    await told.hear(events)
    expected = await files_of(told)
    assert any(content.count(b"\r\n") > 1 for content in expected)

    for seed in (1, 2, 3):
        dice = random.Random(seed)  # noqa: S311 - an order, not a secret
        shuffled = [event for event in events for _ in range(dice.choice((1, 1, 3)))]
        dice.shuffle(shuffled)
        books = await new_books(role)
        await books.hear(shuffled, at_once=dice.choice((40, 90, 200)))
        assert await files_of(books) == expected
