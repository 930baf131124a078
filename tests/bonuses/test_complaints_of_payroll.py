"""What users of other systems complain about, as far as it concerns tiers, payroll and who is credited.

Numbers as in `periods/test_complaints.py`: 4 settling twice, 7 tiers, 9 spreadsheets, 11 handoffs, 15 retries.
"""

import asyncio
import csv
import io
import random
from datetime import date

import pytest
from sqlalchemy import insert

from conveyor.bonuses.engine.evaluate import PlanAssignment, PlanBook, Roster
from conveyor.bonuses.payouts.pay_batch import pay_batch
from conveyor.bonuses.payouts.reconciliation import reconcile
from conveyor.bonuses.payouts.reject_batch import reject_batch
from conveyor.bonuses.payouts.rules import PayoutBatchExists
from conveyor.bonuses.plans.standard import STANDARD_PLANS
from conveyor.bonuses.plans.tables import PlanVersion
from conveyor.bonuses.statements.queries import bonuses_of
from conveyor.bonuses.statements.why import Question, answer
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, id_of
from tests.bonuses.engine.story import BORIS, named, plan, revised
from tests.bonuses.payroll_office import NOVEMBER, OCTOBER, SEPTEMBER, acknowledged, close, exported, freeze
from tests.bonuses.quarter import golden_quarter

ALL_PAYMENTS = frozenset({"P1", "P2", "P3", "P4", "P5", "P6"})


async def test_4_nothing_is_settled_twice(ae_books: Books) -> None:
    await close(ae_books, SEPTEMBER)
    first = await freeze(ae_books, SEPTEMBER)
    with pytest.raises(PayoutBatchExists):
        await freeze(ae_books, SEPTEMBER)
    await close(ae_books, OCTOBER)
    second = await freeze(ae_books, OCTOBER)
    paid = [row["cause_id"] for batch in (first, second) for row in await rows_of(ae_books, batch.id)]
    assert sorted(paid) == ["P1", "P2", "P3"]


async def test_4_a_rejected_batch_leaves_nothing_stuck(ae_books: Books) -> None:
    await close(ae_books, SEPTEMBER)
    rejected = await freeze(ae_books, SEPTEMBER)
    await reject_batch(ae_books.desk, batch_id=rejected.id, reason="the bill was deleted")
    again = await freeze(ae_books, SEPTEMBER)
    assert again.totals == rejected.totals
    async with ae_books.database.reading() as session:
        assert (await reconcile(session, period=None)).is_complete


async def rows_of(books: Books, batch_id: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((await exported(books, batch_id)).decode(), newline="")))


@pytest.mark.parametrize(
    ("payments", "total"),
    [(["1200.00"], "120.00"), (["600.00", "600.00"], "120.00"), (["1000.50"], "100.05"), (["2000.01"], "200.00")],
)
async def test_7_tiers_are_over_the_total_and_leave_no_gap(
    new_books: NewBooks, payments: list[str], total: str
) -> None:
    tiers = [
        {"from_value": "0", "until_value": "1000", "rate": "0.05"},
        {"from_value": "1000", "until_value": None, "rate": "0.10"},
    ]
    share = {"kind": "percent_of_payment", "code": "share", "selector": {"by": "paying_month", "which": "any"}}
    limits = {"limits": {"period": "month"}, "tiers": {"mode": "whole", "tiers": tiers}}
    document = revised(plan("ae", {**share, **limits}), version=2)
    books = await new_books("ae")
    row = {name: getattr(document, name) for name in ("code", "version", "role", "effective_from")}
    async with books.database.transaction() as tx:
        await tx.session.execute(insert(PlanVersion).values(**row, document=document.model_dump(mode="json")))
        await tx.commit()
    told = golden_quarter(without=ALL_PAYMENTS, calls=False)
    for number, amount in enumerate(payments):
        told.paid("L1", f"T{number}", f"2025-09-2{number} 12:00", amount)
    await books.hear(told.events)
    month = await bonuses_of(books.desk, employee_id=id_of("Boris"), month=SEPTEMBER)
    assert month.total.amount == total


async def test_8_of_plans_that_could_both_apply_always_the_same_one_does() -> None:
    standard = STANDARD_PLANS["ae"]
    plans = [standard, *(revised(standard, code=code) for code in ("ae-a", "ae-b", "ae-c"))]
    assigned = [PlanAssignment(named("Boris"), code, date(2025, 3, 1), None) for code in ("ae-a", "ae-b", "ae-c")]
    roster, chosen = Roster([BORIS]), set()
    for seed in range(10):
        dice = random.Random(seed)  # noqa: S311 - an order, not a secret
        dice.shuffle(assigned)
        dice.shuffle(plans)
        book = PlanBook(role="ae", versions=plans, default_plan=standard.code, roster=roster, assignments=assigned)
        chosen.add(book.plan_code_for(named("Boris"), date(2025, 9, 1)))
    assert chosen == {"ae-c"}


async def test_9_nothing_is_due_on_a_contract_alone_and_it_says_so(new_books: NewBooks) -> None:
    books = await new_books("ae")
    await books.hear(golden_quarter(without=ALL_PAYMENTS, calls=False).events)
    month = await bonuses_of(books.desk, employee_id=id_of("Boris"), month=SEPTEMBER)
    assert (month.total.amount, month.lines) == ("0.00", [])


async def test_9_whether_the_bonus_itself_was_paid_is_known(ae_books: Books) -> None:
    await close(ae_books, SEPTEMBER)
    batch = await acknowledged(ae_books, await freeze(ae_books, SEPTEMBER))
    paid = await pay_batch(ae_books.desk, batch_id=batch.id, paid_on=date(2025, 10, 5))
    assert paid.state == "paid"
    await close(ae_books, OCTOBER)
    async with ae_books.database.reading() as session:
        unpaid = (await reconcile(session, period=None)).nowhere
    assert [(total.amount, total.currency) for total in unpaid.totals] == [("7500.00", "RUB")]


async def test_11_why_a_handoff_earned_nothing_has_data_behind_it(new_books: NewBooks) -> None:
    books = await new_books("sdr")
    await books.hear(golden_quarter().events)
    why = await answer(books.desk, Question(employee_id=id_of("Anna"), lead_id=id_of("L2"), component="meeting_booked"))
    (absence,) = [item for item in why.absences if item.reason_code == "withdrawn"]
    assert {name: absence.details[name] for name in ("kind", "reason", "on")} == {
        "kind": "handoff_returned",
        "reason": "not_decision_maker",
        "on": "2025-09-16",
    }


async def test_15_the_same_payment_from_many_sides_at_once_pays_once(ae_books: Books) -> None:
    told = Telling()
    told.paid("L1", "P9", "2025-09-25 12:00", "1000.00")
    await asyncio.gather(*[ae_books.hear(told.events) for _ in range(8)])
    month = await bonuses_of(ae_books.desk, employee_id=id_of("Boris"), month=SEPTEMBER)
    assert month.total.amount == "30100.00"
    assert await total_of(ae_books) == "-5000.00"


async def total_of(books: Books) -> str:
    return (await bonuses_of(books.desk, employee_id=id_of("Boris"), month=NOVEMBER)).total.amount
