"""Deadlines: said once each, in working hours, whatever runs twice, comes late or is restarted."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from conveyor.contracts.handoffs import HandoffAccepted, HandoffDueSoon, HandoffOffered, HandoffOverdue, HandoffRouted
from conveyor.contracts.values import Company
from conveyor.kit.ids import new_id
from handoff_bus.deadlines.say_due import say_due
from tests.handoff_bus.bus_at_work import BusAtWork

# A Tuesday, 10:00 in Moscow; the default gives four working hours, then four more.
OFFERED = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
STAGES: dict[str, Any] = {"from_stage": "telemarketing", "to_stage": "closing"}
HOUR = timedelta(hours=1)


def _offer(**more: Any) -> HandoffOffered:
    given = {"handoff_id": new_id(), "lead_id": new_id(), "offered_by": new_id(), **STAGES}
    return HandoffOffered(company=Company(name="Ромашка"), **{**given, **more})


def _routed(offer: HandoffOffered, employee_id: Any) -> HandoffRouted:
    return HandoffRouted(
        handoff_id=offer.handoff_id, lead_id=offer.lead_id, to_stage=offer.to_stage, employee_id=employee_id
    )


def _accepted(offer: HandoffOffered) -> HandoffAccepted:
    return HandoffAccepted(handoff_id=offer.handoff_id, lead_id=offer.lead_id, **STAGES, employee_id=new_id())


async def _look_at(bus: BusAtWork, *moments: datetime) -> list[tuple[str, int]]:
    for moment in moments:
        bus.clock.set(moment)
        await say_due(bus.database)
    return [("soon", 0) for _ in await bus.said(HandoffDueSoon)] + [
        ("overdue", fact.level) for fact in await bus.said(HandoffOverdue)
    ]


async def test_a_reminder_then_overdue_twice_each_once(bus: BusAtWork) -> None:
    offer, boris, egor = _offer(), new_id(), new_id()
    await bus.hear(offer, _routed(offer, boris), at=OFFERED)

    assert await _look_at(bus, OFFERED + 3 * HOUR - HOUR / 60) == []
    assert await _look_at(bus, OFFERED + 3 * HOUR, OFFERED + 3 * HOUR) == [("soon", 0)]
    assert await _look_at(bus, OFFERED + 4 * HOUR, OFFERED + 4 * HOUR) == [("soon", 0), ("overdue", 1)]
    await bus.hear(_routed(offer, egor), at=OFFERED + 4 * HOUR)
    # The second deadline: four working hours after the first, so Tuesday's last four.
    assert await _look_at(bus, OFFERED + 8 * HOUR, OFFERED + 80 * HOUR) == [("soon", 0), ("overdue", 1), ("overdue", 2)]

    first, second = await bus.said(HandoffOverdue)
    assert (first.employee_id, first.due_at) == (boris, OFFERED + 4 * HOUR)
    assert (second.employee_id, second.due_at) == (egor, OFFERED + 8 * HOUR)


async def test_a_clock_that_jumps_ahead_and_back_says_nothing_twice(bus: BusAtWork) -> None:
    await bus.hear(_offer(), at=OFFERED)

    overdue = await _look_at(bus, OFFERED + 4 * HOUR)
    again = await _look_at(bus, OFFERED - 24 * HOUR, OFFERED + 3 * HOUR, OFFERED + 4 * HOUR)

    assert again == overdue == [("overdue", 1)]
    assert await _look_at(bus, OFFERED + 80 * HOUR, OFFERED, OFFERED + 80 * HOUR) == [("overdue", 1), ("overdue", 2)]


async def test_after_a_long_outage_no_reminder_of_the_past_and_a_whole_second_term(bus: BusAtWork) -> None:
    await bus.hear(_offer(), at=OFFERED)

    assert await _look_at(bus, OFFERED + 50 * HOUR) == [("overdue", 1)]
    assert await _look_at(bus, OFFERED + 54 * HOUR - HOUR / 60) == [("overdue", 1)]
    assert await _look_at(bus, OFFERED + 54 * HOUR) == [("overdue", 1), ("overdue", 2)]


async def test_whatever_the_order_an_answered_handoff_is_never_overdue(bus: BusAtWork) -> None:
    for order in permutations(range(3)):
        offer = _offer()
        facts = [offer, _routed(offer, new_id()), _accepted(offer)]
        for index in order:
            await bus.hear(facts[index], facts[index], at=OFFERED)

    assert await _look_at(bus, OFFERED + 3 * HOUR, OFFERED + 99 * HOUR) == []


async def test_an_answer_between_the_levels_ends_it(bus: BusAtWork) -> None:
    offer = _offer()
    await bus.hear(offer, at=OFFERED)
    await _look_at(bus, OFFERED + 4 * HOUR)
    await bus.hear(_accepted(offer), at=OFFERED + 5 * HOUR)
    await bus.hear(offer, at=OFFERED)

    assert await _look_at(bus, OFFERED + 99 * HOUR) == [("overdue", 1)]


async def test_two_replicas_at_once_say_each_level_once(bus: BusAtWork) -> None:
    offers = [_offer() for _ in range(30)]
    await bus.hear(*offers, at=OFFERED)

    for moment in (OFFERED + 3 * HOUR, OFFERED + 4 * HOUR, OFFERED + 80 * HOUR):
        bus.clock.set(moment)
        await asyncio.gather(*[say_due(bus.database) for _ in range(6)])

    reminded = [fact.handoff_id for fact in await bus.said(HandoffDueSoon)]
    overdue = [(fact.handoff_id, fact.level) for fact in await bus.said(HandoffOverdue)]
    assert sorted(reminded) == sorted(offer.handoff_id for offer in offers)
    assert sorted(overdue) == sorted((offer.handoff_id, level) for offer in offers for level in (1, 2))


async def test_acceptance_against_the_watch_is_one_outcome(bus: BusAtWork) -> None:
    offers = [_offer() for _ in range(20)]
    await bus.hear(*offers, at=OFFERED)
    bus.clock.set(OFFERED + 4 * HOUR)

    await asyncio.gather(say_due(bus.database), *[bus.hear(_accepted(offer), at=OFFERED + HOUR) for offer in offers])

    assert len({fact.handoff_id for fact in await bus.said(HandoffOverdue)}) == len(await bus.said(HandoffOverdue))
    before = len(await bus.said(HandoffOverdue))
    assert len(await _look_at(bus, OFFERED + 99 * HOUR)) == before
    seen = await bus.read("/handoffs?state=accepted&limit=200")
    assert len(seen["items"]) == len(offers)


async def test_another_calendar_moves_open_deadlines(bus: BusAtWork) -> None:
    await bus.hear(_offer(), at=OFFERED)
    calendar = await bus.call("GET", "/calendar")
    holiday = {**calendar.json(), "holidays": ["2026-03-10"]}
    del holiday["revision"]
    put = await bus.call("PUT", "/calendar", holiday, If_Match=calendar.headers["ETag"])
    assert put.status_code == 200, put.text

    assert await _look_at(bus, OFFERED + 8 * HOUR) == []
    # Wednesday 13:00 in Moscow.
    assert await _look_at(bus, OFFERED + 27 * HOUR) == [("overdue", 1)]


async def test_the_policy_is_dated_and_changed_by_the_head(bus: BusAtWork) -> None:
    read = await bus.call("GET", "/deadlines", who="ae")
    policy = read.json()
    assert policy["revision"] == 0
    del policy["revision"]
    policy["effective_from"] = "2026-03-11"
    policy["directions"] = [{**policy["directions"][0], "answer_minutes": 30, "remind_minutes": 10}]

    assert (await bus.call("PUT", "/deadlines", policy, who="ae", If_Match='"0"')).status_code == 403
    put = await bus.call("PUT", "/deadlines", policy, who="head", If_Match=read.headers["ETag"])
    assert put.status_code == 200, put.text
    assert (await bus.call("PUT", "/deadlines", policy, who="head", If_Match=read.headers["ETag"])).status_code == 412
    for no_wall_clock in ("09:00:00+05:00", "09:00Z", "9:00", 32400):
        body = {**policy, "day_starts": no_wall_clock}
        refused = await bus.call("PUT", "/deadlines", body, who="head", If_Match=put.headers["ETag"])
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/day_starts"], no_wall_clock
    twice = {**policy, "directions": policy["directions"] * 2}
    assert (await bus.call("PUT", "/deadlines", twice, who="head", If_Match=put.headers["ETag"])).status_code == 422

    today, tomorrow = _offer(), _offer()
    await bus.hear(today, at=OFFERED)
    await bus.hear(tomorrow, at=OFFERED + 24 * HOUR)
    await bus.hear(_offer(from_stage="closing", to_stage="account"), at=OFFERED + 24 * HOUR)
    bus.clock.set(OFFERED + 24 * HOUR + HOUR / 2)
    await say_due(bus.database)

    due = {fact.handoff_id: fact.due_at for fact in await bus.said(HandoffOverdue)}
    assert due == {
        today.handoff_id: OFFERED + 4 * HOUR,
        tomorrow.handoff_id: OFFERED + 24 * HOUR + HOUR / 2,
    }


async def test_figures_of_people(bus: BusAtWork) -> None:
    boris, egor = new_id(), new_id()
    taken, late, back = _offer(), _offer(), _offer()
    await bus.hear(taken, late, back, _routed(taken, boris), _routed(late, egor), _routed(back, boris), at=OFFERED)
    for offer, hours in ((taken, 2), (late, 26)):
        await _look_at(bus, OFFERED + 4 * HOUR) if offer is late else None
        fact = _accepted(offer).model_copy(update={"employee_id": boris})
        await bus.hear(fact, at=OFFERED + hours * HOUR)

    figures = await bus.read("/handoff-figures?from=2026-03-10&until=2026-03-11")

    by_person = {item["employee_id"]: item for item in figures["items"]}
    assert by_person[str(boris)]["accepted"] == 2
    assert by_person[str(boris)]["median_minutes_to_accept"] == 120
    # Eight working hours of Tuesday and three of Wednesday.
    assert by_person[str(boris)]["p90_minutes_to_accept"] == 660
    assert (by_person[str(boris)]["overdue_once"], by_person[str(egor)]["overdue_once"]) == (1, 1)
    assert (await bus.read("/handoff-figures?from=2026-03-11&until=2026-03-12"))["items"] == []
    assert (await bus.call("GET", "/handoff-figures?from=2026-03-11&until=2026-03-11", who="head")).status_code == 422
    assert (await bus.call("GET", "/handoff-figures?from=0001-01-01&until=2026-03-11", who="head")).status_code == 422
    assert (await bus.call("GET", "/handoff-figures?from=2026-03-10&until=2026-03-11", who="sdr")).status_code == 403
