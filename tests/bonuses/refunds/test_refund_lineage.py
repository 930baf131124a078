"""One refund takes back its share from SDR, AE and AM, once, in proportion, never more than was credited."""

import asyncio
from dataclasses import dataclass
from itertools import permutations

import pytest

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.statements.queries import bonuses_of
from conveyor.bonuses.statements.why import Question, answer
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import PEOPLE, Books, Telling, id_of
from tests.bonuses.payroll_office import exported

ROLES: tuple[BonusRole, ...] = ("sdr", "ae", "am")
OWNER = {role: name for name, (role, _) in PEOPLE.items()}
SEPTEMBER, OCTOBER = Month(2025, 9), Month(2025, 10)
EARNED = {"sdr": "3000.00", "ae": "10000.00", "am": "5000.00"}
NOTHING = dict.fromkeys(ROLES, "0.00")


def the_line() -> Telling:
    """Anna books, Boris signs, Vera keeps; then 100,000.00 are paid on 22 September."""
    told = Telling()
    for name, (role, payroll_number) in PEOPLE.items():
        told.hired(name, role, payroll_number)
    told.lead("L1", "Tulpan")
    told.booked("Anna", "L1", "2025-08-29 10:00", "M1")
    told.accepted_by_closing("Boris", "L1", "2025-08-29 11:00", "M1")
    told.signed("L1", "C-17", "2025-09-10 12:00")
    told.accepted_by_account("Vera", "L1", "2025-09-11 10:00")
    return told


def paid() -> Telling:
    told = the_line()
    told.paid("L1", "P1", "2025-09-22 12:00", "100000.00")
    return told


def refunds(*said: tuple[str, str, str]) -> Telling:
    told = Telling()
    for refund_id, when, amount in said:
        told.refunded("L1", refund_id, "P1", when, amount)
    return told


@dataclass
class Department:
    """The three stages' books, told the same."""

    books: dict[BonusRole, Books]

    async def hear(self, *told: Telling) -> None:
        for telling in told:
            await asyncio.gather(*[books.hear(telling.events) for books in self.books.values()])

    async def close(self, month: Month) -> None:
        for books in self.books.values():
            if month == SEPTEMBER:
                await close_period(books.desk, month=month.plus(-1), actor="head")
            await close_period(books.desk, month=month, actor="head")

    async def totals(self, month: Month) -> dict[str, str]:
        views = {
            role: await bonuses_of(books.desk, employee_id=id_of(OWNER[role]), month=month)
            for role, books in self.books.items()
        }
        return {role: view.total.amount for role, view in views.items()}


@pytest.fixture
async def department(new_books: NewBooks) -> Department:
    return Department({role: await new_books(role) for role in ROLES})


async def test_on_the_same_day(department: Department) -> None:
    await department.hear(paid())
    assert await department.totals(SEPTEMBER) == EARNED
    await department.hear(refunds(("R1", "2025-09-22 18:00", "40000.00")))
    assert await department.totals(SEPTEMBER) == {"sdr": "1800.00", "ae": "6000.00", "am": "3000.00"}


async def test_after_the_close_it_takes_from_the_open_month(department: Department) -> None:
    await department.hear(paid())
    await department.close(SEPTEMBER)
    await department.hear(refunds(("R1", "2025-10-07 12:00", "40000.00")))
    assert await department.totals(SEPTEMBER) == EARNED
    assert await department.totals(OCTOBER) == {"sdr": "-1200.00", "ae": "-4000.00", "am": "-2000.00"}


async def test_dated_before_the_close_but_late_it_keeps_its_own_date(department: Department) -> None:
    await department.hear(paid())
    await department.close(SEPTEMBER)
    await department.hear(refunds(("R1", "2025-09-25 12:00", "40000.00")))
    assert await department.totals(SEPTEMBER) == EARNED
    for books in department.books.values():
        async with books.database.reading() as session:
            (entry,) = await posted_in_period(session, "2025-10")
        assert entry.earned_on.isoformat() == "2025-09-25"
        assert entry.cause_id == "R1"


async def test_after_payout_the_paid_batch_stays_and_the_negative_net_is_carried_forward(
    department: Department,
) -> None:
    await department.hear(paid())
    await department.close(SEPTEMBER)
    batches = {
        role: await freeze_batch(books.desk, month=SEPTEMBER, actor="p") for role, books in department.books.items()
    }
    files = {role: await exported(books, batches[role].id) for role, books in department.books.items()}
    await department.hear(refunds(("R1", "2025-10-07 12:00", "40000.00")))
    await department.close(OCTOBER)
    for role, books in department.books.items():
        assert await exported(books, batches[role].id) == files[role]
        later = await freeze_batch(books.desk, month=OCTOBER, actor="payroll")
        carried = later.model_dump(mode="json")["carried_forward"]
        assert [item["employee_id"] for item in carried] == [str(id_of(OWNER[role]))]
        assert later.totals == []


async def test_before_its_payment(department: Department) -> None:
    told = the_line()
    told.refunded("L1", "R1", "P1", "2025-09-24 12:00", "40000.00")
    await department.hear(told)
    assert await department.totals(SEPTEMBER) == NOTHING
    late = Telling()
    late.paid("L1", "P1", "2025-09-22 12:00", "100000.00")
    await department.hear(late)
    assert await department.totals(SEPTEMBER) == {"sdr": "1800.00", "ae": "6000.00", "am": "3000.00"}


async def test_dated_before_its_payment_it_counts_when_that_was_paid(department: Department) -> None:
    await department.hear(paid(), refunds(("R1", "2025-08-30 12:00", "40000.00")))
    assert await department.totals(Month(2025, 8)) == {"sdr": "700.00", "ae": "0.00", "am": "0.00"}
    assert await department.totals(SEPTEMBER) == {"sdr": "1800.00", "ae": "6000.00", "am": "3000.00"}


async def test_told_twice_it_takes_once(department: Department) -> None:
    once = refunds(("R1", "2025-09-24 12:00", "40000.00"))
    await department.hear(paid(), once, once, paid())
    assert await department.totals(SEPTEMBER) == {"sdr": "1800.00", "ae": "6000.00", "am": "3000.00"}


PARTS = (
    ("R1", "2025-09-23 12:00", "33333.33"),
    ("R2", "2025-09-24 12:00", "33333.33"),
    ("R3", "2025-09-25 12:00", "33333.33"),
    ("R4", "2025-09-26 12:00", "0.01"),
)


@pytest.mark.parametrize("order", [PARTS, tuple(reversed(PARTS)), next(p for p in permutations(PARTS) if p != PARTS)])
async def test_in_parts_nothing_is_left_and_nothing_too_much(
    department: Department, order: tuple[tuple[str, str, str], ...]
) -> None:
    await department.hear(paid(), *(refunds(part) for part in order))
    assert await department.totals(SEPTEMBER) == NOTHING


async def test_parts_up_to_a_third_take_a_third_whatever_the_rounding(department: Department) -> None:
    await department.hear(paid(), refunds(PARTS[0]))
    assert await department.totals(SEPTEMBER) == {"sdr": "2000.00", "ae": "6666.67", "am": "3333.33"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_over_the_sum_is_cut_by_date_and_reported(department: Department, order: tuple[int, int]) -> None:
    said = (("R1", "2025-09-23 12:00", "70000.00"), ("R2", "2025-10-02 12:00", "50000.00"))
    await department.hear(paid(), *(refunds(said[place]) for place in order))
    september, october = await department.totals(SEPTEMBER), await department.totals(OCTOBER)
    assert september["am"] == "1500.00"
    assert october["am"] == "-1500.00"
    # Nothing of the payment is left, so its month is no paying month: the lines of SDR and AE are gone, not negative.
    assert (september["sdr"], september["ae"], october["sdr"], october["ae"]) == ("0.00",) * 4
    for role, books in department.books.items():
        why = await answer(books.desk, Question(employee_id=id_of(OWNER[role]), payment_id="P1"))
        (report,) = [item for item in why.absences if item.reason_code == "refund_exceeds_payment"]
        assert (report.cause_id, report.details["excess"]) == ("R2", "20000.00")


async def test_a_whole_refund_after_the_close_leaves_zero_over_all_months(department: Department) -> None:
    await department.hear(paid())
    await department.close(SEPTEMBER)
    await department.hear(refunds(("R1", "2025-10-07 12:00", "100000.00")))
    september, october = await department.totals(SEPTEMBER), await department.totals(OCTOBER)
    assert september == EARNED
    assert october == {role: f"-{amount}" for role, amount in EARNED.items()}


async def test_it_takes_from_whoever_was_credited_not_from_his_successor(department: Department) -> None:
    told = paid()
    told.hired("Gleb", "ae", "0203")
    told.hired("Boris", "ae", "0201", revision=2, left_on="2025-10-01", successor_id=id_of("Gleb"))
    told.refunded("L1", "R1", "P1", "2025-10-07 12:00", "40000.00")
    await department.hear(told)
    books = department.books["ae"]
    gleb = await bonuses_of(books.desk, employee_id=id_of("Gleb"), month=OCTOBER)
    assert gleb.lines == []
    assert (await department.totals(OCTOBER))["ae"] == "-4000.00"
