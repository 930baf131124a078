"""Plans by which a payment's line depends on more than the payment go the whole way, whatever they are made of."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.reach import reach_of
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.tables import PlanVersion
from conveyor.kit.calendar import Month
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling
from tests.bonuses.old_clients import department, payments, posted_by_the_whole_way
from tests.bonuses.plans.planning import money

TIERS = {
    "mode": "marginal",
    "tiers": [{"until_value": "100000", "rate": "0.01"}, {"from_value": "100000", "rate": "0.02"}],
}
GATE = {"kind": "kpi_gate", "code": "calls", "min_seconds": 60, "norm_per_working_day": 10}


def percent(**terms: Any) -> dict[str, Any]:
    age = {"by": "client_age", "from_months": 0}
    rate = {} if "tiers" in terms else {"rate": "0.10"}
    return {"kind": "percent_of_payment", "code": "share", "selector": age, **rate, **terms}


def reached(**terms: Any) -> dict[str, Any]:
    return {"kind": "period_bonus", "code": "reached", "period": "month", "amount": money("500.00"), **terms}


def meeting(**terms: Any) -> dict[str, Any]:
    return {"kind": "per_fact", "code": "meeting", "fact": "meeting_booked", "amount": money("100.00"), **terms}


RAMP = [{"from_months": 0, "until_months": 6, "pays_percent": 50}]
# What a plan may say, by what is special in it: components, and terms of the version.
SPECIAL: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "tiers on a running sum": ([percent(tiers=TIERS, limits={"period": "month"})], {}),
    "tiers of a quarter": ([percent(tiers=TIERS, limits={"period": "quarter"})], {}),
    "cap of a period": ([percent(limits={"period": "month", "cap": money("5000.00")})], {}),
    "floor of a period": ([percent(limits={"period": "month", "floor": money("5000.00")})], {}),
    "gate over money": ([percent(limits={"period": "month"}, gated_by="calls"), GATE], {}),
    "split": ([percent(split=[{"who": "credited", "weight": 3}, {"who": "first", "weight": 1}])], {}),
    "held until a payment": ([percent(holdback={"percent": 50, "payments": 4})], {}),
    "held for days": ([percent(holdback={"percent": 50, "days": 30})], {}),
    "held until the contract": ([percent(holdback={"percent": 50, "contract_signed": True})], {}),
    "decay": ([percent(clawback={"within_days": 60, "decay": "linear"})], {}),
    "net of VAT": ([percent(base="net_of_vat")], {}),
    "distinct clients": ([reached(measure="distinct_clients", per="employee", threshold_count=2)], {}),
    "sum of a chain": ([reached(per="chain", threshold=money("1000.00"))], {}),
    "sum of an employee": ([reached(per="employee", tiers=TIERS, amount=None)], {}),
    "the n-th fact": ([meeting(times_ordinal=True, limits={"period": "month"})], {}),
    "confirmation": ([meeting(confirmed_by=["handoff_accepted"])], {}),
    "steps of a gate": (
        [meeting(gated_by="calls"), GATE | {"mode": "steps", "steps": [{"from_percent": 50, "pays_percent": 50}]}],
        {},
    ),
    "ramp": ([percent()], {"ramp": RAMP}),
    "credit protection": ([percent()], {"credit_protection_days": 30}),
}


def version(role: BonusRole, special: str) -> PlanDocument:
    components, terms = SPECIAL[special]
    stated = [{name: value for name, value in item.items() if value is not None} for item in components]
    document = {"code": f"{role}-standard", "role": role, "version": 2, "effective_from": "2025-01-01", **terms}
    return PlanDocument.model_validate(document | {"components": stated})


async def books_under(new_books: NewBooks, document: PlanDocument) -> Books:
    """Books in which this version pays from the beginning; nobody was told of."""
    books = await new_books(document.role)
    async with books.database.transaction() as tx:
        row = {name: getattr(document, name) for name in ("code", "version", "role", "effective_from")}
        await tx.session.execute(insert(PlanVersion).values(**row, document=document.model_dump(mode="json")))
        await tx.commit()
    return books


async def books_with(new_books: NewBooks, role: BonusRole, special: str | PlanDocument) -> Books:
    """Books of the department in which this version pays from the beginning."""
    books = await books_under(new_books, version(role, special) if isinstance(special, str) else special)
    await books.hear(department().events)
    return books


@pytest.mark.parametrize("special", SPECIAL)
def test_the_short_way_knows_none_of_them(special: str) -> None:
    assert reach_of([version("ae", special)]) is None


def test_one_such_version_beside_plain_ones_is_enough() -> None:
    plain = PlanDocument.model_validate(
        {"code": "ae-other", "role": "ae", "version": 1, "effective_from": "2025-01-01", "components": [percent()]}
    )
    assert reach_of([plain]) is not None
    assert reach_of([plain, version("ae", "split")]) is None


@pytest.mark.parametrize("role", ["ae", "am"])
@pytest.mark.parametrize("special", SPECIAL)
async def test_nothing_is_left_to_post(new_books: NewBooks, role: BonusRole, special: str) -> None:
    """Before a closing and after: what came late in closed months moves the sums that people's periods reached."""
    books = await books_with(new_books, role, special)
    events = payments(5, number=30)
    half = len(events) // 2
    await books.hear(events[:half])
    assert await posted_by_the_whole_way(books) == 0
    for month in range(1, 5):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    for start in range(half, len(events), 6):
        await books.hear(events[start : start + 6])
        assert await posted_by_the_whole_way(books) == 0


@pytest.mark.parametrize("which", ["first", "second"])
async def test_a_capped_share_beside_one_of_any_month(new_books: NewBooks, which: str) -> None:
    """The cap is filled by payments that the share of any month alone would leave unread."""
    components = [
        percent(code="any", selector={"by": "paying_month", "which": "any"}),
        percent(selector={"by": "paying_month", "which": which}, cap_per_client=money("5000.00")),
    ]
    document = {"code": "ae-standard", "role": "ae", "version": 2, "effective_from": "2025-01-01"}
    plan = PlanDocument.model_validate(document | {"components": components})
    assert reach_of([plan]) is not None
    books = await books_with(new_books, "ae", plan)
    events = payments(3, number=30)
    for start in range(0, len(events), 3):
        await books.hear(events[start : start + 3])
        assert await posted_by_the_whole_way(books) == 0


async def test_a_payment_releases_what_is_held_of_earlier_ones(new_books: NewBooks) -> None:
    books = await books_with(new_books, "am", "held until a payment")
    for place in range(1, 5):
        told = Telling()
        told.paid("L1", f"P{place}", f"2025-0{place + 1}-20 12:00", "1000.00", contract="C-L1")
        await books.hear(told.events)
    async with books.database.reading() as session:
        causes = sorted(await session.scalars(select(BonusEntry.cause)))
    paid = [f"payment:bank:P{place}" for place in range(1, 5)]
    assert causes == [*(f"held:{cause}" for cause in paid), *paid]


async def test_a_late_payment_moves_the_running_sum_of_a_closed_month(new_books: NewBooks) -> None:
    books = await books_with(new_books, "ae", "tiers on a running sum")
    told = Telling()
    told.paid("L1", "P2", "2025-02-20 12:00", "150000.00", contract="C-L1")
    await books.hear(told.events)
    for month in (1, 2):
        await close_period(books.desk, month=Month(2025, month), actor="head")
    late = Telling()
    late.paid("L2", "P1", "2025-02-19 12:00", "60000.00", contract="C-L2")
    await books.hear(late.events)
    async with books.database.reading() as session:
        rows = await session.execute(select(BonusEntry.cause_id, BonusEntry.amount_minor))
        net: dict[str, int] = {}
        for cause_id, minor in rows:
            net[cause_id] = net.get(cause_id, 0) + minor
    # 60,000 at 1 %; then 40,000 at 1 % and 110,000 at 2 %.
    assert net == {"P1": 60_000, "P2": 260_000}
