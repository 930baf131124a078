"""Figures of people's handoffs: working time to accept, returns by reason, and who was late."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered, HandoffReturned, HandoffRouted
from conveyor.contracts.values import Company
from conveyor.kit.ids import new_id
from handoff_bus.deadlines.say_due import say_due
from handoff_bus.figures.rules import Watched, figures_of, quantile_minutes
from tests.handoff_bus.bus_at_work import BusAtWork

# A Tuesday, 10:00 in Moscow; people work from nine to six.
OFFERED = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STAGES: dict[str, Any] = {"from_stage": "telemarketing", "to_stage": "closing"}
MARCH = "/handoff-figures?from=2026-03-01&until=2026-04-01"


async def _offered(bus: BusAtWork, to: UUID, *, at: datetime = OFFERED, **stages: Any) -> dict[str, Any]:
    names: dict[str, Any] = {"handoff_id": new_id(), "lead_id": new_id(), **STAGES, **stages}
    offer = HandoffOffered(company=Company(name="Ромашка"), offered_by=new_id(), **names)
    routed = HandoffRouted(
        handoff_id=offer.handoff_id, lead_id=offer.lead_id, to_stage=offer.to_stage, employee_id=to, reason="offered"
    )
    await bus.hear(offer, routed, at=at)
    return names


async def _accepted(bus: BusAtWork, by: UUID, after: timedelta, **how: Any) -> None:
    names = await _offered(bus, by, **how)
    await bus.hear(HandoffAccepted(**names, employee_id=by), at=how.get("at", OFFERED) + after)


async def _returned(bus: BusAtWork, by: UUID, reason: Any) -> None:
    names = await _offered(bus, by)
    await bus.hear(HandoffReturned(**names, employee_id=by, reason=reason), at=OFFERED + HOUR)


async def _of(bus: BusAtWork, employee_id: UUID, path: str = MARCH) -> list[dict[str, Any]]:
    return [item for item in (await bus.read(path))["items"] if item["employee_id"] == str(employee_id)]


async def test_time_to_accept_is_working_time(bus: BusAtWork) -> None:
    boris = new_id()
    # An hour; seven hours and three of the next morning; an hour later on the same day.
    for after in (HOUR, timedelta(days=1, hours=2), 2 * HOUR):
        await _accepted(bus, boris, after)

    (figures,) = await _of(bus, boris)
    assert (figures["from_stage"], figures["to_stage"], figures["accepted"]) == ("telemarketing", "closing", 3)
    assert (figures["median_minutes_to_accept"], figures["p90_minutes_to_accept"]) == (120, 660)


async def test_returns_are_told_by_reason_and_by_whom(bus: BusAtWork) -> None:
    boris, denis = new_id(), new_id()
    for reason in ("no_need", "not_decision_maker", "no_need"):
        await _returned(bus, boris, reason)
    await _returned(bus, denis, "other")

    (figures,) = await _of(bus, boris)
    assert (figures["returned"], figures["returns"]) == (3, {"no_need": 2, "not_decision_maker": 1})
    assert (figures["accepted"], figures["median_minutes_to_accept"]) == (0, None)
    assert (await _of(bus, denis))[0]["returns"] == {"other": 1}


async def test_each_direction_is_counted_apart(bus: BusAtWork) -> None:
    boris = new_id()
    await _accepted(bus, boris, HOUR)
    await _accepted(bus, boris, 3 * HOUR, from_stage="account")
    assert [(one["from_stage"], one["median_minutes_to_accept"]) for one in await _of(bus, boris)] == [
        ("account", 180),
        ("telemarketing", 60),
    ]


async def test_days_are_the_departments_and_half_open(bus: BusAtWork) -> None:
    boris = new_id()
    # 00:30 of the 11th in Moscow.
    await _accepted(bus, boris, 12 * HOUR, at=datetime(2026, 3, 10, 21, 30, tzinfo=UTC))
    assert await _of(bus, boris, "/handoff-figures?from=2026-03-10&until=2026-03-11") == []
    assert len(await _of(bus, boris, "/handoff-figures?from=2026-03-11&until=2026-03-12")) == 1


async def test_late_is_whom_it_was_with(bus: BusAtWork) -> None:
    boris, egor = new_id(), new_id()
    names = await _offered(bus, boris)
    bus.clock.set(OFFERED + 4 * HOUR)
    await say_due(bus.database)
    names_of_routing = {name: names[name] for name in ("handoff_id", "lead_id", "to_stage")}
    await bus.hear(HandoffRouted(**names_of_routing, employee_id=egor, reason="overdue"), at=bus.clock.now())
    await bus.hear(HandoffAccepted(**names, employee_id=egor), at=OFFERED + 5 * HOUR)

    (late,), (quick,) = await _of(bus, boris), await _of(bus, egor)
    assert (late["overdue_once"], late["overdue_twice"], late["accepted"]) == (1, 0, 0)
    assert (quick["overdue_once"], quick["accepted"], quick["median_minutes_to_accept"]) == (0, 1, 300)


@pytest.mark.parametrize(
    "query",
    ["from=2026-03-10&until=2026-03-10", "from=2026-03-11&until=2026-03-10", "from=2025-01-01&until=2026-03-10"],
)
async def test_days_that_make_no_sense(bus: BusAtWork, query: str) -> None:
    refused = await bus.call("GET", f"/handoff-figures?{query}", who="head")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/until")
    assert (await bus.call("GET", MARCH, who=f"ae:{new_id()}")).status_code == 403


def test_a_handoff_that_nobody_answered_is_nobodys_figure() -> None:
    waiting = Watched("telemarketing", "closing", "offered", new_id(), None, None, None, None)
    assert figures_of([waiting]) == {}


def test_quantiles_are_of_the_nearest_rank() -> None:
    times = [timedelta(minutes=minutes) for minutes in (50, 10, 40, 20, 30)]
    assert [quantile_minutes(times, percent) for percent in (50, 90, 100)] == [30, 50, 50]
    assert quantile_minutes(times[:1], 50) == 50
    assert quantile_minutes([], 50) is None
