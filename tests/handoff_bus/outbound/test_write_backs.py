"""Stage and owner in amoCRM and Bitrix24: what is written when, in which order, how often, and what comes back."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given as example
from hypothesis import strategies as st

from conveyor.contracts.outside import LeadReceived
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.values import Stage
from conveyor.kit.ids import new_id
from handoff_bus.write_backs import writer as writing
from handoff_bus.write_backs.rules import Moved, Position, standing_of
from handoff_bus.write_backs.writer import LEASE
from tests.handoff_bus.bus_at_work import NOW, BusAtWork, until
from tests.handoff_bus.outbound.crms import (
    TOKEN,
    WEBHOOK,
    accepted,
    as_amocrm,
    as_bitrix24,
    bodies,
    crm_user,
    entered,
    given,
    minutes,
    named,
    open_amocrm,
    open_bitrix24,
    signed,
    write,
    write_back,
    writer_of,
)
from tests.handoff_bus.outbound.receivers import Answering, Receiver


async def test_a_lead_is_written_into_amocrm_as_it_moves(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = as_amocrm
    await open_amocrm(bus, receiver.url)
    anna, boris = await crm_user(bus, "Anna", "501", role="sdr"), await crm_user(bus, "Boris", "502")
    lead = new_id()
    await bus.hear(entered(lead, owner_id=anna), named(lead, "77001"), at=NOW)
    await write(bus)
    await bus.hear(accepted(lead, boris), at=minutes(1))
    bus.clock.set(minutes(1))
    await write(bus)
    await bus.hear(signed(lead), at=minutes(2))
    bus.clock.set(minutes(2))
    await write(bus)
    assert {(each.method, each.path) for each in receiver.received} == {("PATCH", "/api/v4/leads/77001")}
    assert receiver.received[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert bodies(receiver) == [
        {"pipeline_id": 810, "status_id": 9001, "responsible_user_id": 501},
        {"pipeline_id": 810, "status_id": 9002, "responsible_user_id": 502},
        {"pipeline_id": 810, "status_id": 142},
    ]
    seen = await write_back(bus, lead)
    assert (seen["state"], [each["outcome"] for each in seen["log"]]) == ("settled", ["written"] * 3)
    assert TOKEN not in json.dumps(seen)


async def test_a_deal_and_a_lead_of_bitrix24(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = as_bitrix24
    await open_bitrix24(bus, receiver.url)
    boris = await crm_user(bus, "Boris", "41", source="b24")
    deal, lead = new_id(), new_id()
    await bus.hear(named(deal, "deal:905", source="b24"), accepted(deal, boris), at=NOW)
    await write(bus)
    await bus.hear(named(lead, "906", source="b24"), accepted(lead, boris), at=NOW)
    await write(bus)
    assert {each.path for each in receiver.received} == {f"{WEBHOOK}crm.item.update.json"}
    stage = {"stageId": "C3:PREPARATION", "categoryId": 3, "assignedById": 41}
    assert bodies(receiver) == [
        {"entityTypeId": 2, "id": 905, "fields": stage},
        {"entityTypeId": 1, "id": 906, "fields": {"stageId": "IN_PROCESS", "assignedById": 41}},
    ]


async def test_what_changes_nothing_there_is_not_written(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = as_amocrm
    await open_amocrm(bus, receiver.url)
    lead, boris = new_id(), await crm_user(bus, "Boris", "502")
    await bus.hear(named(lead, "77001"), accepted(lead, boris), at=NOW)
    await write(bus)
    await bus.hear(entered(lead, revision=9), at=minutes(5))
    assert await write(bus) == 1
    assert len(receiver.received) == 1


async def test_the_name_of_a_lead_or_of_an_owner_may_come_later(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = as_amocrm
    await open_amocrm(bus, receiver.url)
    hired = await bus.hire("Boris", role="ae")
    lead = new_id()
    await bus.hear(accepted(lead, hired["id"]), at=NOW)
    assert await write(bus) == 0
    await bus.hear(named(lead, "77001"), at=NOW)
    await write(bus)
    assert (await write_back(bus, lead))["unnamed_owner_id"] == hired["id"]
    revision = f'"{hired["revision"]}"'
    named_now = {"references": [{"system": "crm:amo", "value": "502"}]}
    assert (await bus.call("PATCH", f"/employees/{hired['id']}", named_now, If_Match=revision)).status_code == 200
    await bus.hear(*await bus.said(EmployeeRecorded))
    await write(bus)
    assert bodies(receiver) == [{"pipeline_id": 810, "status_id": 9002}, {"responsible_user_id": 502}]
    assert (await write_back(bus, lead))["unnamed_owner_id"] is None


async def test_the_owner_of_a_later_day_is_written_on_that_day(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = as_amocrm
    await open_amocrm(bus, receiver.url)
    boris, vera = await crm_user(bus, "Boris", "502"), await crm_user(bus, "Vera", "503")
    lead = new_id()
    await bus.hear(
        named(lead, "77001"), accepted(lead, boris), given(lead, vera, from_at=NOW + timedelta(days=2)), at=NOW
    )
    await write(bus)
    bus.clock.set(NOW + timedelta(days=2) - timedelta(seconds=1))
    assert await write(bus) == 0
    bus.clock.set(NOW + timedelta(days=2))
    await write(bus)
    assert [body["responsible_user_id"] for body in bodies(receiver)] == [502, 503]


async def test_a_lead_that_moves_while_it_is_written_is_never_written_by_two(
    bus: BusAtWork, receiver: Receiver
) -> None:
    gate = asyncio.Event()
    receiver.answering = lambda request: Answering(body=as_amocrm(request).body, gate=gate)
    await open_amocrm(bus, receiver.url)
    lead, boris = new_id(), await crm_user(bus, "Boris", "502")
    await bus.hear(named(lead, "77001"), accepted(lead, boris), at=NOW)
    first = asyncio.create_task(writer_of(bus).write_due())

    async def arrived() -> bool:
        return len(receiver.received) == 1

    await until(arrived)
    await bus.hear(signed(lead), at=NOW)
    await bus.hear(accepted(lead, boris, by="account"), at=NOW)
    assert await writer_of(bus).write_due() == 0
    gate.set()
    await first
    await write(bus)
    assert [body.get("status_id") for body in bodies(receiver)] == [9002, 9101]
    assert (await write_back(bus, lead))["state"] == "settled"


async def test_a_crm_that_is_down_gets_the_latest_state_only(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = Answering(status=503, headers={"retry-after": "40"})
    await open_amocrm(bus, receiver.url)
    lead, boris = new_id(), await crm_user(bus, "Boris", "502")
    await bus.hear(named(lead, "77001"), accepted(lead, boris), at=NOW)
    await write(bus)
    seen = await write_back(bus, lead)
    assert (seen["state"], seen["reason"], seen["attempts"]) == ("due", "tried_again", 1)
    assert seen["next_at"] == (NOW + timedelta(seconds=40)).isoformat().replace("+00:00", "Z")
    await bus.hear(signed(lead), at=minutes(0.1))
    receiver.answering = as_amocrm
    bus.clock.set(minutes(1))
    await write(bus)
    assert [body["status_id"] for body in bodies(receiver)] == [9002, 142]


async def test_a_crash_between_writing_and_marking_writes_the_same_again(
    bus: BusAtWork, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answering = as_amocrm
    await open_amocrm(bus, receiver.url)
    lead = new_id()
    await bus.hear(named(lead, "77001"), entered(lead), at=NOW)

    async def die(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(writing, "note_write", die)
        with pytest.raises(asyncio.CancelledError):
            await writer_of(bus).write_due()
    assert await write(bus) == 0
    bus.clock.set(NOW + LEASE)
    await write(bus)
    assert bodies(receiver) == [{"pipeline_id": 810, "status_id": 9001}] * 2
    assert (await write_back(bus, lead))["state"] == "settled"


async def test_a_writer_that_hung_past_its_lease_does_not_have_the_last_word(
    bus: BusAtWork, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answering = as_amocrm
    await open_amocrm(bus, receiver.url)
    lead, boris = new_id(), await crm_user(bus, "Boris", "502")
    await bus.hear(named(lead, "77001"), accepted(lead, boris), at=NOW)
    writer, hung, resumed = writer_of(bus), asyncio.Event(), asyncio.Event()
    call = writer._call

    async def hang(*planned: Any) -> Any:
        hung.set()
        await resumed.wait()
        return await call(*planned)

    monkeypatch.setattr(writer, "_call", hang)
    hanging = asyncio.create_task(writer.write_due())
    async with asyncio.timeout(20):
        await hung.wait()
    await bus.hear(signed(lead), at=NOW)
    bus.clock.set(NOW + LEASE)
    await write(bus)
    resumed.set()
    await hanging
    await write(bus)
    assert [body["status_id"] for body in bodies(receiver)] == [142, 9002, 142]
    assert (await write_back(bus, lead))["state"] == "settled"


async def test_what_comes_back_of_our_own_writing_is_no_fact(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = as_amocrm
    source = await open_amocrm(bus, receiver.url)
    told = {"id": "77001", "name": "Ромашка", "pipeline_id": "810", "created_at": "1773133200"}
    status = {**told, "status_id": "9001", "old_status_id": "9000", "modified_user_id": "501"}

    async def come_in(action: str, lead: dict[str, str], changed: str) -> str:
        form = {f"leads[{action}][0][{name}]": value for name, value in {**lead, "updated_at": changed}.items()}
        path = f"/v1/webhooks/amo?token={source['secret']}"
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert (await bus.http.post(path, content=urlencode(form), headers=headers)).status_code == 200
        await bus.settle()
        return str((await bus.read("/deliveries?limit=200"))["items"][-1]["reason"])

    assert await come_in("add", told, "1773133200") == "None"
    [received] = await bus.said(LeadReceived)
    await bus.hear(entered(received.lead_id), at=NOW)
    await write(bus)
    assert bodies(receiver) == [{"pipeline_id": 810, "status_id": 9001}]
    assert await come_in("status", status, "1773133260") == "nothing_to_say"
    # A trigger of the stage that we wrote may say that the lead is there as if it were new.
    assert await come_in("add", {**told, "status_id": "9001"}, "1773133260") == "echo"
    assert await bus.said(LeadReceived) == [received]
    # Another thing of the CRM is no echo, whatever was written before.
    assert await come_in("add", {**told, "id": "77002"}, "1773133300") == "None"
    assert len(await bus.said(LeadReceived)) == 2
    assert await write(bus) == 0


MOVES = st.lists(
    st.builds(
        Moved,
        event_id=st.uuids(version=4),
        stage=st.sampled_from(["telemarketing", "closing", "account"]),
        position=st.sampled_from(["telemarketing", "closing", "won", "lost", "account", None]),
        names_owner=st.booleans(),
        owner_id=st.uuids(version=4) | st.none(),
        at=st.integers(-5, 5).map(lambda hours: NOW + timedelta(hours=hours)),
        recorded_at=st.integers(-5, 5).map(lambda hours: NOW + timedelta(hours=hours)),
    ),
    max_size=8,
    unique_by=lambda moved: moved.event_id,
)


@example(MOVES, st.randoms(use_true_random=False))
def test_where_a_lead_stands_does_not_depend_on_order(moves: list[Moved], random: Any) -> None:
    shuffled = list(moves)
    random.shuffle(shuffled)
    assert standing_of(shuffled, now=NOW) == standing_of(moves, now=NOW)


def test_a_lead_told_of_anew_stays_where_it_is() -> None:
    def moved(stage: Stage, position: Position | None, hours: int) -> Moved:
        return Moved(new_id(), stage, position, True, new_id(), NOW - timedelta(hours=hours), NOW)

    facts = [moved("telemarketing", None, 1), moved("account", "account", 2), moved("closing", "closing", 9)]
    standing = standing_of(facts, now=NOW)
    assert (standing.position, standing.owner_id) == ("account", facts[1].owner_id)
    assert standing_of([], now=NOW).position == "telemarketing"
