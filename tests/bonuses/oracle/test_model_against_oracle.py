"""Random plans of all kinds over random payments, refunds and reassignments: the engine says what the oracle says."""

import random
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conveyor.bonuses.engine.norms import QuotaFact
from conveyor.kit.money import Money
from tests.bonuses.engine.recomputed import recomputed_minor
from tests.bonuses.engine.story import Department, Story, employee, money, named, plan
from tests.bonuses.oracle.oracle import PEOPLE, Key, Oracle
from tests.bonuses.oracle.world import Payment, Refund, World

START = datetime(2025, 1, 28, 22, 30)  # noqa: DTZ001 - a wall clock of the story
PERIODS = [*(f"2025-{month:02d}" for month in range(1, 13)), *(f"2025-Q{number}" for number in range(1, 5))]
NAMES: dict[UUID, str] = {named(name): name for name in PEOPLE}

moments = st.integers(0, 300 * 24).map(lambda hours: START + timedelta(hours=hours))
kopecks = st.one_of(st.integers(1, 500), st.integers(1, 3_000_000))
rates = st.sampled_from(["0.05", "0.10", "0.333", "1", "0.07500001"])
bounds = st.lists(st.integers(1, 3000), min_size=1, max_size=3, unique=True).map(sorted)
rubles = st.integers(1, 900_000).map(lambda minor: money(f"{minor // 100}.{minor % 100:02d}"))


@st.composite
def tables(draw: st.DrawFn, *, sums: bool = False) -> dict[str, Any]:
    edges = ["0", *(str(bound) for bound in draw(bounds)), None]
    tiers: list[dict[str, Any]] = []
    for low, high in pairwise(edges):
        pays: dict[str, Any] = {"amount": draw(rubles)} if sums else {"rate": draw(rates)}
        tiers.append({"from_value": low, "until_value": high, **pays})
    if not sums and draw(st.booleans()):
        tiers.append({"from_value": "10", "until_value": "500", "rate": draw(rates)})
    by = draw(st.sampled_from(["value", "attainment"])) if not sums else "value"
    return {"mode": draw(st.sampled_from(["marginal", "whole"])), "by": by, "tiers": tiers}


selectors = st.one_of(
    st.sampled_from(["first", "second", "any"]).map(lambda which: {"by": "paying_month", "which": which}),
    st.sampled_from([(0, None), (0, 3), (3, None), (1, 4)]).map(
        lambda ages: {"by": "client_age", "from_months": ages[0], "until_months": ages[1]}
    ),
)
splits = st.lists(
    st.tuples(st.sampled_from(["credited", "first", "previous"]), st.integers(1, 9)),
    max_size=3,
    unique_by=lambda part: part[0],
).map(lambda parts: [{"who": who, "weight": weight} for who, weight in parts])
holdbacks = st.one_of(
    st.none(),
    st.builds(lambda percent, days: {"percent": percent, "days": days}, st.integers(1, 100), st.integers(1, 90)),
    st.builds(lambda percent, count: {"percent": percent, "payments": count}, st.integers(1, 100), st.integers(1, 3)),
)
clawbacks = st.one_of(
    st.none(),
    st.builds(
        lambda days, decay: {"within_days": days, "decay": decay},
        st.integers(1, 200),
        st.sampled_from(["none", "linear"]),
    ),
)


@st.composite
def percentages(draw: st.DrawFn, code: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "kind": "percent_of_payment",
        "code": code,
        "selector": draw(selectors),
        "base": draw(st.sampled_from(["gross", "net_of_vat"])),
        "clawback": draw(clawbacks),
    }
    if draw(st.booleans()):
        cap, floor = draw(st.one_of(st.none(), rubles)), draw(st.one_of(st.none(), rubles))
        component["limits"] = {"period": draw(st.sampled_from(["month", "quarter"])), "cap": cap, "floor": floor}
        component["gated_by"] = draw(st.sampled_from([None, "norm"]))
        if draw(st.booleans()):
            return {**component, "tiers": draw(tables())}
        return {**component, "rate": draw(rates)}
    extras = {"cap_per_client": draw(st.one_of(st.none(), rubles)), "split": draw(splits), "holdback": draw(holdbacks)}
    return {**component, **extras, "rate": draw(rates)}


@st.composite
def bonuses(draw: st.DrawFn, code: str) -> dict[str, Any]:
    measure = draw(st.sampled_from(["sum_of_payments", "distinct_clients"]))
    component: dict[str, Any] = {
        "kind": "period_bonus",
        "code": code,
        "per": "employee",
        "period": draw(st.sampled_from(["month", "quarter"])),
        "measure": measure,
        "gated_by": draw(st.sampled_from([None, "norm"])),
    }
    if measure == "distinct_clients":
        return {**component, "amount": draw(rubles), "threshold_count": draw(st.integers(1, 3))}
    component["threshold"] = draw(st.one_of(st.none(), rubles))
    match draw(st.sampled_from(["flat", "quota", "rates", "sums"])):
        case "flat":
            return {**component, "amount": draw(rubles)}
        case "quota":
            return {**component, "amount": draw(rubles), "of_quota_up_to_percent": draw(st.sampled_from([100, 200]))}
        case kind:
            return {**component, "tiers": draw(tables(sums=kind == "sums"))}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    components = [draw(percentages(f"share_{number}")) for number in range(draw(st.integers(1, 3)))]
    components += [draw(bonuses(f"bonus_{number}")) for number in range(draw(st.integers(0, 2)))]
    gate = {"kind": "kpi_gate", "code": "norm", "min_seconds": 30, "norm_per_working_day": 1, "ceiling_percent": 120}
    ramp = (
        [{"from_months": 0, "until_months": 4, "pays_percent": 60, "quota_percent": 50}] if draw(st.booleans()) else []
    )
    document = plan("ae", *components, gate, ramp=ramp)
    return document.model_dump(mode="json")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World(
        hired={"Boris": date(2025, 1, 1), "Clara": draw(st.sampled_from([date(2025, 1, 1), date(2025, 3, 31)]))}
    )
    late = {"Clara": datetime(2025, 4, 1)}  # noqa: DTZ001 - nobody owns before he was hired
    for lead in ("L0", "L1", "L2")[: draw(st.integers(1, 3))]:
        changes = draw(st.lists(st.tuples(moments, st.sampled_from(PEOPLE)), min_size=1, max_size=3))
        world.owners[lead] = [(max(when, late.get(who, when)), who) for when, who in changes]
    for number, (lead, when, minor, vat) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(sorted(world.owners)), moments, kopecks, st.booleans()), max_size=7))
    ):
        world.payments.append(Payment(f"P{number}", lead, when, minor, minor // 6 if vat else None))
        for part, (again, taken) in enumerate(draw(st.lists(st.tuples(moments, kopecks), max_size=2))):
            world.refunds.append(Refund(f"R{number}-{part}", f"P{number}", again, min(taken, minor)))
    for who in PEOPLE:
        for period in PERIODS:
            if draw(st.integers(0, 3)) == 0:
                world.quotas[who, period] = draw(st.integers(1, 400_000))
        world.calls[who, "2025-03"] = draw(st.integers(0, 30))
        world.calls[who, "2025-07"] = draw(st.integers(0, 30))
    return world


def _story(world: World) -> Story:
    story = Story()
    for lead, owners in world.owners.items():
        since, who = owners[0]
        story.accepted(who, lead, since.isoformat(" "), f"H{lead}", deal=f"D{lead}")
        for revision, (when, other) in enumerate(owners[1:], start=1):
            story.owner(other, lead, when.isoformat(" "), revision, deal=f"D{lead}")
    lead_of = {payment.id: payment.lead for payment in world.payments}
    for payment in world.payments:
        vat = None if payment.vat is None else _text(payment.vat)
        story.paid(payment.lead, payment.id, payment.at.isoformat(" "), _text(payment.minor), vat=vat)
    for refund in world.refunds:
        lead = lead_of[refund.payment]
        story.refunded(lead, refund.id, refund.payment, refund.at.isoformat(" "), _text(refund.minor))
    for (who, month), calls in world.calls.items():
        for number in range(calls):
            story.call(who, f"{month}-05 10:{number:02d}", 30)
    return story


def _text(minor: int) -> str:
    return Money(minor, "RUB").text


def _engine(world: World, document: dict[str, Any], seed: int) -> dict[Key, int]:
    people = [employee(who, "ae", f"020{number}", hired_on=world.hired[who]) for number, who in enumerate(PEOPLE)]
    quotas = tuple(
        QuotaFact(named(who), period, 1, Money(quota, "RUB")) for (who, period), quota in world.quotas.items()
    )
    terms = {name: document[name] for name in ("ramp",)}
    department = Department(*people, plan=plan("ae", *document["components"], **terms), quotas=quotas)
    facts = _story(world).facts * 2
    random.Random(seed).shuffle(facts)  # noqa: S311 - a repeatable shuffle, no secret
    found: dict[Key, int] = {}
    for line in department.evaluate("ae", facts, through="2025-12").lines:
        key = (line.component, NAMES[line.employee_id], line.cause, line.earned_on.isoformat())
        assert key not in found
        assert recomputed_minor(line) == line.amount.amount_minor
        found[key] = line.amount.amount_minor
    return found


@pytest.mark.timeout(170)
@given(worlds(), documents(), st.integers(0, 9))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_engine_says_what_the_oracle_says(world: World, document: dict[str, Any], seed: int) -> None:
    begun = min((moment for moment in (payment.at for payment in world.payments)), default=None)
    months = [
        period for period in PERIODS if begun is not None and "Q" not in period and period >= begun.strftime("%Y-%m")
    ]
    quarters = sorted({f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" for month in months})
    expected = Oracle(world, document, periods=months + quarters).told()
    assert _engine(world, document, seed) == expected
