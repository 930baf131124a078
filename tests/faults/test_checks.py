"""The checks after a run: each finds the very thing that it is there for."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from conveyor.kit.ids import new_id
from conveyor_local.databases import DatabaseUrls
from conveyor_local.department import SERVICES, NotAtRest
from faults import checks
from faults.patient import NotAnswered
from faults.poison import Poison
from faults.quarter import Outcome
from faults.run import told_of
from tests.servers import FreshDatabase

LINE = ("closing", "Boris", "first_payment", "P1", "L1", "2025-09")
QUIET = Outcome({"2025-09": b"one"}, {LINE: 100})


@dataclass
class Databases:
    """What the checks need of a system: its databases."""

    urls: dict[str, DatabaseUrls]

    def database_urls(self, service: str) -> DatabaseUrls:
        return self.urls[service]

    async def execute(self, service: str, statement: str, *values: Any) -> None:
        session = await asyncpg.connect(self.urls[service].app)
        try:
            await session.execute(statement, *values)
        finally:
            await session.close()


@pytest.fixture
def databases(fresh_database: FreshDatabase) -> Any:
    return Databases({service: fresh_database(service) for service in SERVICES})


@pytest.mark.parametrize(
    ("disturbed", "found"),
    [
        (QUIET, []),
        (Outcome({"2025-09": b"two"}, {LINE: 100}), ["the payroll file of 2025-09 differs"]),
        (Outcome({"2025-09": b"one"}, {LINE: 200}), ["P1 L1 2025-09: 200 instead of 100"]),
        (Outcome({"2025-09": b"one"}, {}), ["P1 L1 2025-09: 0 instead of 100"]),
    ],
)
def test_another_file_and_another_sum_are_found(disturbed: Outcome, found: list[str]) -> None:
    told = checks.files_and_ledgers(QUIET, disturbed)

    assert len(told) == len(found)
    assert all(each in line for each, line in zip(found, told, strict=True))


def test_a_request_that_took_effect_twice_is_found() -> None:
    once = Outcome({}, {}, {("telemarketing", "touch_recorded", "L1"): 1})
    twice = Outcome({}, {}, {("telemarketing", "touch_recorded", "L1"): 2})

    assert checks.as_much_was_said(once, once) == []
    assert checks.as_much_was_said(once, twice) == ["telemarketing touch_recorded L1 was said 2 times instead of 1"]
    assert checks.as_much_was_said(once, Outcome({}, {})) == [
        "telemarketing touch_recorded L1 was said 0 times instead of 1"
    ]


def test_what_ended_a_play_is_a_finding_and_a_mistake_of_the_driver_is_none() -> None:
    stuck = ExceptionGroup("work", [ExceptionGroup("steps", [NotAnswered("POST /leads")]), NotAtRest("outbox 1")])

    assert told_of(stuck) == ["NotAnswered: POST /leads", "NotAtRest: outbox 1"]
    with pytest.raises(KeyError):
        told_of(ExceptionGroup("work", [KeyError("seed")]))


async def test_a_fact_that_one_service_missed_is_found(databases: Any) -> None:
    first, second = new_id(), new_id()
    for event_id, seq in ((first, 1), (second, 2)):
        await databases.execute(
            "telemarketing",
            "INSERT INTO outbox_log (id, published_at, event_id, subject, key, body, created_at, stream_seq) "
            "VALUES ($1::bigint, now(), $2, 'conveyor.telemarketing.touch_recorded.v1.x', 'x', '{}', now(), $1)",
            seq,
            event_id,
        )
    handled = "INSERT INTO inbox (event_id, body_sha256, stream_seq, handled_at) VALUES ($1, '', 1, now())"
    await databases.execute("closing", handled, first)

    found = await checks.facts_were_handled(databases)

    assert found == [f"closing never handled telemarketing touch_recorded {second}"]
    await databases.execute("closing", handled, second)
    assert await checks.facts_were_handled(databases) == []


async def test_a_quarantined_message_that_nobody_spilled_is_found(databases: Any) -> None:
    await databases.execute(
        "account",
        "INSERT INTO quarantined_messages (stream_seq, body_sha256, subject, body, reason, quarantined_at) "
        "VALUES (7, '\\x01', 'x', 'y', 'no valid envelope', now())",
    )

    found = await checks.only_poison_was_set_aside(databases, Poison(databases))

    assert found == ["account has message 7 in quarantine: no valid envelope"]
    assert await checks.only_poison_was_set_aside(databases, Poison(databases, spilled={b"\x01"})) == []


async def test_an_accepted_delivery_that_is_gone_is_found(databases: Any) -> None:
    @dataclass
    class Accepted:
        accepted: set[tuple[str, str]]

    gone: Any = Accepted({("bank", "b-P1")})

    assert await checks.deliveries_took_effect_once(databases, gone) == ["bank b-P1 was accepted and is not kept"]
