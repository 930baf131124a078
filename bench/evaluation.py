"""The pure engine: facts per second of one core over whole leads, and whether cost is linear in facts."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from bench.measuring import Point, Report, Sizes, stopwatch
from conveyor.bonuses.engine.evaluate import PlanBook, Roster, evaluate_lead, evaluate_person_month
from conveyor.bonuses.engine.facts import (
    AcceptanceFact,
    CallTally,
    ContractFact,
    DealFact,
    EmployeeFact,
    LeadFacts,
    PaymentFact,
    PersonMonthFacts,
    RefundFact,
    WorkFact,
)
from conveyor.bonuses.plans.standard import STANDARD_PLANS
from conveyor.kit.calendar import BusinessCalendar, Month
from conveyor.kit.ids import new_id
from conveyor.kit.long_lived import long_lived
from conveyor.kit.money import Money

if TYPE_CHECKING:
    from conveyor.bonuses.engine.lines import BonusRole

ROLES: tuple["BonusRole", ...] = ("sdr", "ae", "am")
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
CALENDAR = BusinessCalendar(zone=ZoneInfo("Europe/Moscow"))
PEOPLE: dict[str, UUID] = {role: new_id() for role in ROLES}
PLOT = "evaluation, cost of a fact, against payments of the lead"
KINDS = ("letter_general", "gatekeeper_passed", "need_identified", "letter_decision_maker")


async def measure(report: Report, sizes: Sizes) -> None:
    """Facts per second per role over leads of usual size, then cost per fact on ever longer leads."""
    leads = [_lead(place, payments=8) for place in range(sizes.of(2_000, 50))]
    for role in ROLES:
        speeds = [_facts_per_second(role, leads) for _ in range(sizes.repeats)]
        report.add(f"{role}: facts of usual leads", speeds, "facts/s", target=50_000)
    months = [_person_month(place) for place in range(sizes.of(200, 10))]
    speeds = [_gated_facts_per_second(months) for _ in range(sizes.repeats)]
    report.add("sdr: facts of people's months", speeds, "facts/s", target=50_000)
    short, long = sizes.of(1_000, 100), sizes.of(10_000, 1_000)
    few, many = [_lead(0, payments=short)], [_lead(0, payments=long)]
    # As a service does once it has started; else the longer work alone would pay for looking through everything else.
    long_lived((leads, months, few, many))
    for role in ROLES:
        growth = [_facts_per_second(role, few) / _facts_per_second(role, many) for _ in range(sizes.repeats)]
        for number in (short // 10, short, long // 3, long):
            lead = [_lead(0, payments=number)]
            costs = [1e6 / _facts_per_second(role, lead) for _ in range(sizes.repeats)]
            report.add(
                f"{role}: cost of a fact in a lead of {number} payments",
                costs,
                "µs",
                better="less",
                point=Point(PLOT, role, number),
            )
        report.add(f"{role}: cost per fact, {long} ÷ {short} payments", growth, "×", target=1.2, better="less")


def _facts_per_second(role: "BonusRole", leads: list[LeadFacts]) -> float:
    book, roster = _terms(role)
    with stopwatch() as watch:
        for lead in leads:
            evaluate_lead(book=book, facts=lead, roster=roster, calendar=CALENDAR, currency="RUB")
    return sum(_size(lead) for lead in leads) / watch.processor


def _gated_facts_per_second(months: list[PersonMonthFacts]) -> float:
    book, roster = _terms("sdr")
    with stopwatch() as watch:
        for month in months:
            evaluate_person_month(book=book, facts=month, roster=roster, calendar=CALENDAR, currency="RUB")
    return sum(len(month.work) for month in months) / watch.processor


def _terms(role: "BonusRole") -> tuple[PlanBook, Roster]:
    roster = Roster(EmployeeFact(PEOPLE[each], each, each, date(2025, 1, 1)) for each in ROLES)
    plans = list(STANDARD_PLANS.values())
    return PlanBook(role=role, versions=plans, default_plan=f"{role}-standard", roster=roster), roster


def _size(lead: LeadFacts) -> int:
    parts = (lead.payments, lead.refunds, lead.work, lead.acceptances, lead.deals, lead.contracts)
    return sum(len(part) for part in parts)


def _lead(seed: int, *, payments: int) -> LeadFacts:
    """Four touches, a meeting, a deal, a contract, the client; payments over a year, every eighth refunded in part."""
    chance = random.Random(seed)  # noqa: S311 - data of a benchmark
    lead_id, deal_id, handoff_id = new_id(), new_id(), new_id()
    booked_at = START + timedelta(hours=chance.randint(0, 500))
    money = [Money(chance.randint(100_000, 9_000_000), "RUB") for _ in range(payments)]
    paid = [booked_at + timedelta(days=5 + 300 * place / payments) for place in range(payments)]
    return LeadFacts(
        lead_id=lead_id,
        work=(
            *(WorkFact(new_id(), kind, PEOPLE["sdr"], lead_id, booked_at) for kind in KINDS),  # type: ignore[arg-type] # these are the kinds
            WorkFact(new_id(), "meeting_booked", PEOPLE["sdr"], lead_id, booked_at, new_id(), handoff_id),
        ),
        acceptances=(
            AcceptanceFact(new_id(), handoff_id, "telemarketing", "closing", PEOPLE["ae"], lead_id, booked_at, deal_id),
            AcceptanceFact(new_id(), new_id(), "closing", "account", PEOPLE["am"], lead_id, booked_at),
        ),
        deals=(DealFact(new_id(), deal_id, lead_id, booked_at, handoff_id),),
        contracts=(ContractFact(new_id(), deal_id, lead_id, f"C-{seed}", booked_at + timedelta(days=1)),),
        payments=tuple(
            PaymentFact(new_id(), "bank", f"P{place}", lead_id, at, amount, ("contract", f"C-{seed}"))
            for place, (at, amount) in enumerate(zip(paid, money, strict=True))
        ),
        refunds=tuple(
            RefundFact(new_id(), "bank", f"R{place}", f"P{place}", lead_id, paid[place], Money(10_000, "RUB"))
            for place in range(0, payments, 8)
        ),
    )


def _person_month(seed: int) -> PersonMonthFacts:
    chance = random.Random(seed)  # noqa: S311 - data of a benchmark
    done = tuple(
        WorkFact(new_id(), KINDS[place % 4], PEOPLE["sdr"], new_id(), START + timedelta(minutes=15 * place))  # type: ignore[arg-type] # these are the kinds
        for place in range(600)
    )
    calls = CallTally(tuple((seconds, chance.randint(1, 20)) for seconds in range(0, 300, 5)))
    return PersonMonthFacts(PEOPLE["sdr"], Month(2025, 1), work=done, calls=calls)
