"""What a service says it said is compared with what each reader took: gaps are named, mended, or accepted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.contracts.messages import IntakeCompared, PublicationsListed
from conveyor.kit.ids import new_id
from conveyor.kit.operations import list_publications
from conveyor.kit.operations.self_check import SelfCheck
from conveyor_local.nats import EmbeddedNats
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.stage_and_bus import StageAndBus, a_stage_and_the_bus
from tests.kit.messaging_line import client_of, eventually, touch, write_effect
from tests.servers import FreshDatabase

READERS = ("handoff-bus", "telemarketing")


@pytest.fixture
async def both(
    empty_database: FreshDatabase,
    fresh_database: FreshDatabase,
    provisioned_nats: EmbeddedNats,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[StageAndBus]:
    # One machine, one clock: nothing needs to be left for clocks that differ.
    monkeypatch.setattr(list_publications, "CLOCKS_APART_MAX", timedelta())
    async with a_stage_and_the_bus(empty_database, fresh_database, provisioned_nats, handler=write_effect) as made:
        yield made


async def lose_the_second_of_three(both: StageAndBus) -> list[UUID]:
    """Three facts are published, one vanishes from the stream, then the readers begin to take."""
    both.line.start_relay()
    ids = await both.line.say(touch(), touch(), touch())
    await eventually(lambda: _has_rows(both, "outbox_log", 3))
    async with client_of(both.line.nats, "provisioner") as client:
        await client.jetstream().delete_msg("CONVEYOR", 2)
    both.line.start_consumer()
    both.start_bus()
    return ids


async def _has_rows(both: StageAndBus, table: str, rows: int) -> bool:
    return await both.line.count(table) == rows


async def gaps_at_bus(both: StageAndBus, **wanted: list[str]) -> None:
    """Let both compare until the bus shows these open gaps: missing ids by reader."""

    async def seen() -> bool:
        for each in (both.stage.service, both.bus.service):
            await SelfCheck(each.database, each.consumer).compare()
        found = (await both.bus.get("/self-check/gaps?open=true"))["items"]
        return {gap["reader"].replace("-", "_"): gap["missing"] for gap in found} == wanted

    await eventually(seen)


async def day_at_bus(both: StageAndBus) -> Any:
    """What the bus shows of the stage's facts of today, once both readers have compared."""
    today = datetime.now(UTC).date()
    shown: list[Any] = []

    async def compared() -> bool:
        for each in (both.stage.service, both.bus.service):
            await SelfCheck(each.database, each.consumer).compare()
        answer = await both.bus.get(f"/self-check?from={today}&until={today + timedelta(days=1)}")
        shown[:] = [day for day in answer["days"] if day["service"] == "telemarketing"]
        return bool(shown) and len(shown[0]["intake"]) == 2

    await eventually(compared)
    return shown[0]


class TestLostMessage:
    async def test_is_named_and_mended_by_publishing_it_again(self, both: StageAndBus) -> None:
        first, lost, third = await lose_the_second_of_three(both)
        assert await both.stage.post("/messages/publications/list") == {"facts": 3}

        await gaps_at_bus(both, handoff_bus=[str(lost)], telemarketing=[str(lost)])
        day = await day_at_bus(both)
        assert (day["facts"], day["lists"]) == (3, 1)
        assert [(each["reader"], each["awaited"], each["missing"]) for each in day["intake"]] == [
            (reader, 3, 1) for reader in READERS
        ]

        again = {"event_ids": [str(lost)], "reason": "lost from the stream"}
        answer = await both.stage.post("/messages/publications/republish", again)

        assert answer == {"republished": 1, "erased": 0, "unknown": 0}
        await gaps_at_bus(both)
        assert await both.line.effects() == [first, third, lost]

    async def test_can_be_accepted_for_good_with_a_reason(self, both: StageAndBus) -> None:
        _, lost, _ = await lose_the_second_of_three(both)
        await both.stage.post("/messages/publications/list")
        await gaps_at_bus(both, handoff_bus=[str(lost)], telemarketing=[str(lost)])

        for asked in (both.stage, both.bus):
            (gap,) = (await asked.get("/messages/gaps"))["items"]
            await asked.post(f"/messages/gaps/{gap['list_id']}/accept", {"reason": "erased on demand"})
            repeated = await asked.post(f"/messages/gaps/{gap['list_id']}/accept", {"reason": "twice"}, expect=409)
            assert repeated["code"] == "no-gap-to-accept"

        await gaps_at_bus(both)
        accepted = (await both.bus.get("/self-check/gaps?open=false"))["items"]
        assert [gap["accepted_reason"] for gap in accepted] == ["erased on demand"] * 2


class TestPublishingAgain:
    async def test_a_whole_stretch_is_stored_again_and_takes_effect_once(self, both: StageAndBus) -> None:
        both.line.start()
        begun = datetime.now(UTC) - timedelta(seconds=1)
        ids = await both.line.say(touch(), touch())
        await eventually(lambda: _has_rows(both, "effects", 2))
        # The effect may come before the relay's mark, and only what is marked as published is published again.
        await eventually(lambda: _has_rows(both, "outbox_log", 2))
        stretch = {"from": begun.isoformat(), "until": "2999-01-01T00:00:00Z", "reason": "the tail was lost"}

        assert (await both.stage.post("/messages/publications/republish", stretch))["republished"] == 2

        await eventually(lambda: _has_rows(both, "outbox_log", 2))
        await eventually(lambda: both.line.consumer.caught_up(seconds_max=0.1))
        stored = [message.headers["Nats-Msg-Id"] for message in await both.line.published()]
        assert stored == [*map(str, ids), *[f"{each}.2" for each in ids]]
        assert await both.line.effects() == ids

    async def test_what_makes_no_sense_is_refused(self, both: StageAndBus) -> None:
        republish = "/messages/publications/republish"
        some = str(new_id())
        for body in (
            {"reason": "why not"},
            {"event_ids": [some], "from": "2026-01-01T00:00:00Z", "reason": "both"},
            {"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z", "reason": "backwards"},
            {"event_ids": [some]},
        ):
            await both.stage.post(republish, body, expect=422)
        assert (await both.stage.post(republish, {"event_ids": [some], "reason": "unknown"}))["unknown"] == 1


class TestLists:
    async def test_follow_each_other_without_a_hole_in_parts(
        self, both: StageAndBus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(list_publications, "IDS_IN_A_PART", 2)
        database = both.line.database
        await both.line.say(touch(), touch(), touch())
        assert await list_publications.list_publications(database, is_routine=True) is None
        assert await list_publications.list_publications(database, is_routine=False) == 3
        await both.line.say(touch())
        assert await list_publications.list_publications(database, is_routine=False) == 1

        stretches = await both.line.rows("SELECT from_at, until_at, facts FROM publication_lists ORDER BY from_at")
        said = await both.line.rows("SELECT body FROM outbox WHERE subject LIKE '%publications_listed%' ORDER BY id")
        assert [row["facts"] for row in stretches] == [3, 1]
        assert stretches[0]["until_at"] == stretches[1]["from_at"]
        assert len(said) == 3

    async def test_leave_out_what_a_running_transaction_may_still_say(self, both: StageAndBus) -> None:
        await both.line.say(touch())
        async with both.line.database.transaction() as late:
            await late.session.execute(text("SELECT 1"))
            late.say(touch())
            assert await list_publications.list_publications(both.line.database, is_routine=False) == 1
            await both.line.say(touch())
            assert await list_publications.list_publications(both.line.database, is_routine=False) is None
            await late.commit()

        assert await list_publications.list_publications(both.line.database, is_routine=False) == 2


class TestAtTheBus:
    def listed(self, first: int, last: int, *, part: int = 1, parts: int = 1) -> PublicationsListed:
        day = datetime(2026, 3, 9, tzinfo=UTC)
        return PublicationsListed(
            from_at=day + timedelta(hours=first), until_at=day + timedelta(hours=last), part=part, parts=parts, facts=()
        )

    async def test_a_stretch_without_a_list_or_with_a_part_missing_is_named(self, bus: BusAtWork) -> None:
        for fact in (self.listed(0, 1), self.listed(1, 2, part=2, parts=2), self.listed(5, 6)):
            await bus.hear(fact, service="closing")

        answer = await bus.read("/self-check?from=2026-03-09&until=2026-03-10", who="admin")

        assert [(each["from_at"][11:16], each["until_at"][11:16]) for each in answer["unlisted"]] == [
            ("01:00", "02:00"),
            ("02:00", "05:00"),
        ]

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    async def test_the_newest_result_of_a_reader_stands(self, bus: BusAtWork, order: tuple[int, int]) -> None:
        whole = {
            "list_id": new_id(),
            "said_by": "closing",
            "awaited": 3,
            "from_at": "2026-03-09T08:00:00Z",
            "until_at": "2026-03-09T09:00:00Z",
        }
        missing = {1: (new_id(),), 2: ()}

        for revision in order:
            named = {"missing": missing[revision], "missing_count": len(missing[revision])}
            await bus.hear(IntakeCompared.model_validate({**whole, **named, "revision": revision}), service="account")

        assert (await bus.read("/self-check/gaps", who="auditor"))["items"] == []
