"""What comes late into a closed month that is computed over a person's leads is posted into the open one."""

from datetime import date
from typing import Any

import pytest

from conveyor.bonuses.engine.norms import months_of
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.plans.replay_worker import ReplayWorker
from conveyor.kit.calendar import Month, Quarter
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Telling, id_of
from tests.bonuses.old_clients import posted_by_the_whole_way
from tests.bonuses.plans.conftest import NewPlanner
from tests.bonuses.plans.planning import Planner, money
from tests.bonuses.plans.test_short_way_of_plans import books_with

BORIS = str(id_of("Boris"))
TIERED = {
    "kind": "percent_of_payment",
    "code": "tiered",
    "selector": {"by": "client_age", "from_months": 0},
    "limits": {"period": "month"},
    "tiers": {
        "mode": "marginal",
        "tiers": [{"until_value": "100000.00", "rate": "0.01"}, {"from_value": "100000.00", "rate": "0.02"}],
    },
}


@pytest.fixture
async def planner(new_planner: NewPlanner) -> Planner:
    """September is closed under the standard plan, October under tiers: P3 of 150,000.00 paid 2,000.00."""
    planner = await new_planner("ae")
    await planner.post("/bonus-periods/2025-09/close")
    path = await planner.drafted("ae-standard", components=[TIERED])
    await planner.replayed(path)
    assert (await planner.published(path)).status_code == 200
    return planner


async def _lines(planner: Planner, period: str) -> list[tuple[str, str, str]]:
    answer = (await planner.get("/bonuses", employee_id=BORIS, period=period)).json()
    return sorted((line["cause_id"], line["earned_on"], line["amount"]["amount"]) for line in answer["lines"])


def _told(*payments: tuple[str, str, str]) -> Telling:
    told = Telling()
    for payment_id, when, amount in payments:
        told.paid("L1", payment_id, when, amount)
    return told


async def test_open_months_show_them_before_closing(planner: Planner) -> None:
    assert await _lines(planner, "2025-10") == [("P3", "2025-10-01", "2000.00")]
    entries = (await planner.get("/bonus-entries", after=0)).json()["items"]
    assert "P3" in {entry["cause_id"] for entry in entries if entry["kind"] == "reversal"}


async def test_a_late_payment_moves_the_lines_after_it(planner: Planner) -> None:
    await planner.post("/bonus-periods/2025-10/close")
    before = await _lines(planner, "2025-10")
    # Earlier than P3, so it fills the first tier and P3 gets into the second.
    await planner.books.hear(_told(("P3a", "2025-10-01 00:30", "60000.00")).events)
    assert await _lines(planner, "2025-10") == before
    november = [line for line in await _lines(planner, "2025-11") if line[0] in {"P3", "P3a"}]
    # 60,000 at 1 %; P3 now 40,000 at 1 % and 110,000 at 2 %: 2,600 instead of 2,000.
    assert november == [("P3", "2025-10-01", "600.00"), ("P3a", "2025-10-01", "600.00")]
    await planner.books.hear(_told(("P3a", "2025-10-01 00:30", "60000.00")).events)
    assert [line for line in await _lines(planner, "2025-11") if line[0] in {"P3", "P3a"}] == november


async def test_a_refund_of_a_closed_month_takes_back_its_share(planner: Planner) -> None:
    await planner.post("/bonus-periods/2025-10/close")
    told = Telling()
    told.refunded("L1", "R3", "P3", "2025-12-01 10:00", "75000.00")
    await planner.books.hear(told.events)
    assert ("R3", "2025-12-01", "-1000.00") in await _lines(planner, "2025-12")


@pytest.mark.parametrize("special", ["tiers on a running sum", "sum of an employee"])
@pytest.mark.parametrize("after", ["Dmitri", None])
async def test_another_successor_takes_what_the_first_one_was_paid(
    new_books: NewBooks, special: str, after: str | None
) -> None:
    """No fact names the one who was the successor until now."""
    books = await books_with(new_books, "ae", special)
    told = Telling()
    told.hired("Clara", "ae", "0202")
    told.hired("Dmitri", "ae", "0203")
    told.hired("Boris", "ae", "0201", revision=2, left_on=date(2025, 2, 15), successor_id=id_of("Clara"))
    told.paid("L1", "P1", "2025-02-20 12:00", "150000.00", contract="C-L1")
    await books.hear(told.events)
    for month in (1, 2):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    corrected = Telling()
    successor = id_of(after) if after else None
    corrected.hired("Boris", "ae", "0201", revision=3, left_on=date(2025, 2, 15), successor_id=successor)
    await books.hear(corrected.events)
    assert await posted_by_the_whole_way(books) == 0


async def test_why_answers_for_a_payment(planner: Planner) -> None:
    answer = (await planner.get("/bonuses/why", employee_id=BORIS, payment_id="P3", component="tiered")).json()
    (line,) = answer["lines"]
    assert line["amount"]["amount"] == "2000.00"
    assert "5,000,000 × 0.02 = 100,000" in line["text"]


async def test_a_replay_goes_on_after_an_interruption(planner: Planner) -> None:
    """Every chunk commits where to go on: another process takes the rest."""
    path = await planner.drafted("ae-standard", components=[{**TIERED, "code": "again"}])
    asked = (await planner.post(f"{path}/replay", {"last_months": 1})).json()
    desk = planner.room.desk
    assert desk.replay_wanted.is_set()
    worker = ReplayWorker(desk)
    states: list[tuple[str, int]] = []
    while await worker.advanced():
        said = (await planner.get(f"{path}/replays/{asked['id']}")).json()
        states.append((said["state"], said["done"]))
        worker = ReplayWorker(desk)
    assert [state for state, _ in states] == ["running"] * (len(states) - 1) + ["done"]
    assert [done for _, done in states] == sorted(done for _, done in states)
    assert said["result"]["totals"][0]["old"] == money("30000.00")
    # 300,000.00 in September: 100,000 at 1 % and 200,000 at 2 %.
    assert said["result"]["totals"][0]["new"] == money("5000.00")


@pytest.mark.parametrize(
    ("period", "months"), [(Month(2025, 9), ["2025-09"]), (Quarter(2025, 4), ["2025-10", "2025-11", "2025-12"])]
)
def test_months_of_a_period(period: Any, months: list[str]) -> None:
    assert [str(month) for month in months_of(period)] == months
