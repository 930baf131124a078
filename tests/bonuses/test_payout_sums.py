"""Sum of lines = balance = statement = batch = export, whatever is posted, held, rejected and frozen."""

import csv
import io
import random
from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.payouts.place_hold import place_hold
from conveyor.bonuses.payouts.reconciliation import reconcile
from conveyor.bonuses.payouts.reject_batch import reject_batch
from conveyor.bonuses.payouts.reject_lines import reject_lines
from conveyor.bonuses.payouts.release_hold import release_hold
from conveyor.bonuses.payouts.release_lines import RejectedLineInput
from conveyor.bonuses.payouts.views import PayoutBatchView
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.statements.rules import net_lines
from conveyor.bonuses.statements.tables import Statement
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, id_of
from tests.bonuses.payroll_office import exported, freeze

MONTHS = [Month(2025, number) for number in (9, 10, 11, 12)]
PEOPLE = {"Boris": "0201", "Clara": "0202", "Dora": "0203"}


def some_department(dice: random.Random) -> Telling:
    """Three closers, twelve deals, payments and refunds of any size in any of four months."""
    told = Telling()
    for name, payroll_number in PEOPLE.items():
        told.hired(name, "ae", payroll_number)
    for number in range(12):
        lead, who = f"L{number}", dice.choice(list(PEOPLE))
        told.lead(lead, f"Company {number % 5}")
        told.accepted_by_closing(who, lead, "2025-09-01 10:00", f"M{number}")
        told.signed(lead, f"C-{number}", "2025-09-01 12:00")
        for count in range(dice.randint(1, 4)):
            month, day, amount = dice.randint(9, 12), dice.randint(2, 28), dice.randint(1, 900_000)
            paid = f"{amount // 100}.{amount % 100:02}" if amount >= 100 else f"0.{amount:02}"
            name = f"P{number}-{count}"
            told.paid(lead, name, f"2025-{month:02}-{day:02} 12:00", paid, contract=f"C-{number}")
            if dice.random() < 0.5:
                told.refunded(lead, f"R{number}-{count}", name, f"2025-{dice.randint(month, 12):02}-28 15:00", paid)
    dice.shuffle(told.events)
    return told


def amounts(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def total(texts: Any) -> Decimal:
    return sum((Decimal(each) for each in texts), Decimal(0))


async def check_export(books: Books, batch: PayoutBatchView) -> None:
    """The batch's totals, its entries, its rows and its file say the same; the rows are those of the plain rule."""
    rows = amounts(await exported(books, batch.id))
    assert len(rows) == batch.lines
    assert total(row["amount"] for row in rows) == total(each.amount for each in batch.totals)
    async with books.database.reading() as session:
        held = set(
            await session.scalars(
                text("SELECT entry_id FROM bonus_payout_batch_entries WHERE batch_id = :id"), {"id": batch.id}
            )
        )
        entries = [entry for month in MONTHS for entry in await posted_in_period(session, str(month))]
    taken = [entry for entry in entries if entry.entry_id in held]
    expected = Counter(
        (PEOPLE[name], line.component, line.cause_id, line.earned_on.isoformat(), line.amount.text)
        for name in PEOPLE
        for line in net_lines(entry for entry in taken if entry.employee_id == id_of(name))
    )
    columns = ("payroll_number", "component", "cause_id", "earned_on", "amount")
    assert Counter(tuple(row[column] for column in columns) for row in rows) == expected


async def check_statements(books: Books) -> None:
    """Each statement is the sum of its month's entries, and the batches, holds and what waits are all of them."""
    async with books.database.reading() as session:
        statements = list(await session.scalars(select(Statement)))
        for statement in statements:
            entries = await posted_in_period(session, statement.period, employee_id=statement.employee_id)
            sums = sum(entry.amount_minor for entry in entries)
            assert statement.document["total"]["amount"] == Money(sums, "RUB").text
            assert total(line["amount"]["amount"] for line in statement.document["lines"]) == Decimal(sums) / 100
        found = await reconcile(session, period=None)
    places = (found.batched, found.on_hold, found.carried_forward, found.nowhere)
    parts = [total(each.amount for each in place.totals) for place in places]
    approved = total(each.amount for each in found.approved.totals)
    assert sum(parts) == approved == total(statement.document["total"]["amount"] for statement in statements)


async def disturb(books: Books, dice: random.Random, batch: PayoutBatchView) -> PayoutBatchView:
    """Payroll rejects the batch, or some of its lines, or nothing."""
    chance = dice.random()
    if chance < 0.3:
        await reject_batch(books.desk, batch_id=batch.id, reason="not yet")
        return await freeze(books, Month.parse(batch.period))
    rows = amounts(await exported(books, batch.id))
    if chance < 0.7 and rows:
        row = dice.choice(rows)
        named = (row["payroll_number"], row["component"], row["cause_id"], row["lead"])
        await reject_lines(books.desk, batch_id=batch.id, lines=[RejectedLineInput(*named, "no account")], actor="p")
    return batch


@given(dice=st.randoms(use_true_random=False))
@settings(
    max_examples=10,  # each plays four months in a database of its own
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
async def test_one_sum_everywhere(new_books: NewBooks, dice: random.Random) -> None:
    books = await new_books("ae")
    await books.hear(some_department(dice).events)
    for month in MONTHS:
        await close_period(books.desk, month=month, actor="head")
        employee_id = id_of(dice.choice(list(PEOPLE)))
        hold = await place_hold(books.desk, entry_id=None, employee_id=employee_id, reason="court", actor="payroll")
        if dice.random() < 0.5:
            await release_hold(books.desk, hold_id=hold.id, reason=None, actor="payroll")
            hold = None  # type: ignore[assignment] # released
        batch = await disturb(books, dice, await freeze(books, month))
        await check_export(books, batch)
        await check_statements(books)
        if hold is not None:
            await release_hold(books.desk, hold_id=hold.id, reason=None, actor="payroll")
    async with books.database.reading() as session:
        twice = await session.scalar(
            text(
                "SELECT count(*) FROM (SELECT entry_id FROM bonus_payout_batch_entries WHERE live "
                "GROUP BY entry_id HAVING count(*) > 1) AS twice"
            )
        )
    assert twice == 0
