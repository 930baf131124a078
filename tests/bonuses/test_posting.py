"""Facts to entries: once, whatever the order; changes by reversal; late facts into the open month."""

import asyncio
from datetime import date

from sqlalchemy import func, select

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.plans.assign_plans import assign_plans
from conveyor.bonuses.plans.rules import Assignment
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, Telling, id_of
from tests.statements import statements_of


async def entries(books: Books) -> list[BonusEntry]:
    async with books.database.reading() as session:
        return list(await session.scalars(select(BonusEntry).order_by(BonusEntry.journal_no)))


def sold() -> Telling:
    told = Telling()
    for name, (role, payroll_number) in PEOPLE.items():
        told.hired(name, role, payroll_number)
    told.lead("L1", "Romashka")
    told.booked("Anna", "L1", "2025-09-09 10:00", "M1")
    told.accepted_by_closing("Boris", "L1", "2025-09-09 11:00", "M1")
    told.signed("L1", "C-17", "2025-09-19 12:00")
    return told


async def test_a_payment_posts_one_accrual(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    await books.hear(told.events)
    await books.hear(told.events)

    (entry,) = await entries(books)
    assert (entry.kind, entry.amount_minor, entry.currency) == ("accrual", 2_000_000, "RUB")
    assert (entry.cause, entry.cause_id, entry.period) == ("payment:bank:P1", "P1", "2025-09")
    assert entry.earned_on == date(2025, 9, 22)
    assert (entry.plan_code, entry.plan_version, entry.journal_no) == ("ae-standard", 1, 1)
    assert str(id_of("delivery", "P1")) in str(entry.explanation)


async def test_an_earlier_month_learned_later_moves_the_lines(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    told.paid("L1", "P2", "2025-10-10 12:00", "100000.00")
    await books.hear(told.events)
    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    await books.hear(told.events[-1:])

    first, *moved = await entries(books)
    reversal = next(entry for entry in moved if entry.kind == "reversal")
    assert reversal.reverses == first.entry_id
    assert reversal.amount_minor == -first.amount_minor
    assert (reversal.earned_on, reversal.cause_id, reversal.revision) == (date(2025, 10, 10), "P2", 2)
    posted = {(entry.component, entry.cause_id): entry.amount_minor for entry in moved if entry.kind == "accrual"}
    assert posted == {("first_payment", "P1"): 2_000_000, ("second_payment", "P2"): 500_000}


async def test_a_refund_before_its_payment_waits_for_nothing(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    told.refunded("L1", "R1", "P1", "2025-11-20 12:00", "50000.00")
    await books.hear(told.events)
    assert await entries(books) == []

    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    await books.hear(told.events[-1:])
    posted = {entry.cause_id: (entry.kind, entry.amount_minor, entry.period) for entry in await entries(books)}
    assert posted == {"P1": ("accrual", 2_000_000, "2025-09"), "R1": ("adjustment", -500_000, "2025-11")}


async def test_a_withdrawn_meeting_is_reversed_under_its_own_date(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    told = sold()
    await books.hear(told.events)
    told.returned("L1", "2025-09-16 10:00", "M1")
    await books.hear(told.events[-1:])

    accrual, reversal = await entries(books)
    assert (accrual.component, accrual.amount_minor) == ("meeting_booked", 70_000)
    assert (reversal.kind, reversal.amount_minor, reversal.reverses) == ("reversal", -70_000, accrual.entry_id)
    assert (reversal.earned_on, reversal.cause_id) == (accrual.earned_on, "meeting_booked@2025-09-09T10:00:00+03:00")


async def test_a_late_call_pays_the_difference_in_the_open_month(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    told = sold()
    told.touched("need_identified", "Anna", "L1", "2025-09-08 10:00")
    started = told.events[-1].occurred_at
    for _ in range(99):
        told.called("Anna", started, 60)
    await books.hear(told.events)
    await close_period(books.desk, month=Month(2025, 9), actor="head")
    told.called("Anna", started, 60)
    for _ in range(98):
        told.called("Anna", started, 60)
    await books.hear(told.events[-99:])

    gated = [entry for entry in await entries(books) if entry.component == "need_identified"]
    assert [(entry.kind, entry.amount_minor, entry.period) for entry in gated] == [
        ("accrual", 1_000, "2025-09"),
        ("reversal", -1_000, "2025-10"),
        ("accrual", 2_000, "2025-10"),
    ]
    assert {entry.earned_on for entry in gated} == {date(2025, 9, 30)}
    assert {(entry.cause_id, entry.lead_id) for entry in gated} == {("2025-09", None)}


async def test_a_leaver_known_late_gives_back_what_came_after_he_left(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    told.paid("L1", "P2", "2025-10-22 12:00", "100000.00")
    await books.hear(told.events)
    told.hired("Boris", "ae", "0201", revision=2, left_on=date(2025, 10, 20))
    await books.hear(told.events[-1:])

    net: dict[str, int] = {}
    for entry in await entries(books):
        net[entry.cause_id] = net.get(entry.cause_id, 0) + entry.amount_minor
    assert net == {"P1": 2_000_000, "P2": 0}


async def test_transactions_at_once_share_one_gapless_chain(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    await books.hear(told.events)
    before = len(told.events)
    for number in range(24):
        told.paid("L1", f"P{number}", "2025-09-22 12:00", "1000.00")
    payments = told.events[before:]
    await asyncio.gather(*[books.hear(payments[start::4], at_once=3) for start in range(4)])

    async with books.database.reading() as session:
        count, last = (
            await session.execute(select(func.count(), func.max(BonusEntry.journal_no)).select_from(BonusEntry))
        ).one()
    assert count == last == 24


async def test_another_plan_reverses_what_the_old_one_paid(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    told.paid("L1", "P1", "2025-09-22 12:00", "200000.00")
    told.paid("L1", "P2", "2025-09-24 12:00", "100000.00")
    await books.hear(told.events)
    view = await assign_plans(
        books.desk,
        employee_id=id_of("Boris"),
        assignments=[Assignment(plan=None, from_on=date(2025, 9, 24), until_on=None)],
        actor="head",
        if_match=0,
    )
    assert view.revision == 1
    net: dict[str, int] = {}
    for entry in await entries(books):
        net[entry.cause_id] = net.get(entry.cause_id, 0) + entry.amount_minor
    assert net == {"P1": 2_000_000, "P2": 0}


async def test_a_successor_is_paid_by_his_own_plan(new_books: NewBooks) -> None:
    """Also where no fact of the lead names him."""
    books = await new_books("ae")
    told = sold()
    told.hired("Clara", "ae", "0202")
    told.hired("Boris", "ae", "0201", revision=2, left_on=date(2025, 10, 20), successor_id=id_of("Clara"))
    await books.hear(told.events)
    await assign_plans(
        books.desk,
        employee_id=id_of("Clara"),
        assignments=[Assignment(plan=None, from_on=date(2025, 11, 1), until_on=None)],
        actor="head",
        if_match=0,
    )
    paid = Telling()
    paid.paid("L1", "P1", "2025-10-22 12:00", "200000.00")
    paid.paid("L1", "P2", "2025-11-22 12:00", "100000.00")
    await books.hear(paid.events)
    assert {(entry.employee_id, entry.cause_id) for entry in await entries(books)} == {(id_of("Clara"), "P1")}


async def test_two_hundred_payments_are_a_handful_of_statements(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = sold()
    await books.hear(told.events)
    before = len(told.events)
    for number in range(200):
        told.paid("L1", f"P{number}", "2025-09-22 12:00", "1000.00")
    statements = statements_of(books.database)
    await books.hear(told.events[before:])
    assert len(await entries(books)) == 200
    assert len(statements) < 20
