"""A departure's preview says what the departure then does to the money, and changes nothing by being asked."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from conveyor.bonuses.departures.preview import preview_bonuses
from conveyor.bonuses.departures.views import BonusChanges
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.plans.terms import Supposing
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, Telling, id_of

LEFT_ON = date(2025, 10, 10)
LEAVER: dict[BonusRole, str] = {"sdr": "Anna", "ae": "Boris", "am": "Vera"}
OTHERS = {"Alla": ("sdr", "0102"), "Bella": ("ae", "0202"), "Vlad": ("am", "0302")}
SUCCESSOR: dict[BonusRole, str] = {"sdr": "Alla", "ae": "Bella", "am": "Vlad"}


def paid_before_and_after() -> Telling:
    told = Telling()
    for name, (role, payroll_number) in {**PEOPLE, **OTHERS}.items():
        told.hired(name, role, payroll_number)
    told.lead("L1", "Romashka")
    told.booked("Anna", "L1", "2025-09-09 10:00", "M1")
    told.accepted_by_closing("Boris", "L1", "2025-09-09 11:00", "M1")
    told.signed("L1", "C-17", "2025-09-19 12:00")
    told.accepted_by_account("Vera", "L1", "2025-09-20 12:00")
    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    told.paid("L1", "P2", "2025-10-09 23:59", "50000.00")
    told.paid("L1", "P3", "2025-10-10 00:00", "100000.00")
    return told


async def posted(books: Books) -> dict[UUID, int]:
    async with books.database.reading() as session:
        rows = await session.execute(
            select(BonusEntry.employee_id, func.sum(BonusEntry.amount_minor)).group_by(BonusEntry.employee_id)
        )
        return {employee_id: int(total) for employee_id, total in rows}


def change_of(preview: BonusChanges) -> dict[UUID, int]:
    return {one.employee_id: int(one.change.amount.replace(".", "")) for one in preview.totals}


@pytest.mark.parametrize("role", ["sdr", "ae", "am"])
@pytest.mark.parametrize("with_successor", [True, False])
async def test_what_it_says_is_what_the_departure_does(
    new_books: NewBooks, role: BonusRole, *, with_successor: bool
) -> None:
    books = await new_books(role)
    await books.hear(paid_before_and_after().events)
    leaver = id_of(LEAVER[role])
    successor = id_of(SUCCESSOR[role]) if with_successor else None
    before = await posted(books)

    preview = await preview_bonuses(books.desk, Supposing(leaver, LEFT_ON, successor))
    again = await preview_bonuses(books.desk, Supposing(leaver, LEFT_ON, successor))

    assert (again, await posted(books)) == (preview, before)
    leaving = Telling()
    number = PEOPLE[LEAVER[role]][1]
    leaving.hired(LEAVER[role], role, number, revision=2, left_on=LEFT_ON, successor_id=successor)
    await books.hear(leaving.events)
    after = await posted(books)
    moved = {one: after.get(one, 0) - before.get(one, 0) for one in before.keys() | after.keys()}
    assert {one: change for one, change in moved.items() if change} == change_of(preview)
    # The SDR keeps the credit of a meeting that he booked.
    assert bool(preview.lines) is (role != "sdr")


async def test_each_line_names_both_people_and_the_payment(new_books: NewBooks) -> None:
    books = await new_books("am")
    await books.hear(paid_before_and_after().events)
    vera, vlad = id_of("Vera"), id_of("Vlad")

    preview = await preview_bonuses(books.desk, Supposing(vera, LEFT_ON, vlad))

    assert preview.line_count == len(preview.lines) == 1
    line = preview.lines[0]
    assert (line.cause_id, line.lead, line.from_employee_id, line.to_employee_id) == ("P3", "Romashka", vera, vlad)
    assert line.from_amount == line.to_amount


async def test_who_owns_nothing_later_changes_nothing(new_books: NewBooks) -> None:
    books = await new_books("ae")
    await books.hear(paid_before_and_after().events)

    preview = await preview_bonuses(books.desk, Supposing(id_of("Boris"), date(2026, 2, 1), id_of("Bella")))

    assert (preview.totals, preview.lines, preview.line_count) == ([], [], 0)
