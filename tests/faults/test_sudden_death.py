"""Services die at the worst moments, come back, and the golden quarter still comes out to the kopeck.

The named failpoints of the kit let them die between commit and publish, between publish and the note that it was
published, between effect and commit, and between commit and acknowledgement.
"""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from conveyor_local.department import SERVICES, Department
from conveyor_local.golden_quarter import EXPECTED, MONTHS, golden_quarter
from conveyor_local.processes import UnableToStart, wait_until
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

DEATH_SECONDS_MAX = 30
DEATHS = (
    ("handoff-bus", "relay.before_publish"),
    ("handoff-bus", "relay.before_mark"),
    ("telemarketing", "consumer.before_ack"),
    ("closing", "consumer.before_commit"),
    ("account", "consumer.before_ack"),
)


async def test_nothing_is_lost_or_doubled(stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {name: stack.base_url(name) for name in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, golden_quarter())
        await teller.open_department()
        await teller.record_steps()
        for number, (service, failpoint) in enumerate(DEATHS):
            # With facts still on their way it would die before it says that it is ready.
            await department.rest()
            died = tmp_path / f"died-{number}"
            stack.kill_service(service)
            _start_to_die(stack, service, failpoint, died=died, monkeypatch=monkeypatch)

            # Each death has its share of the webhooks to happen among: calls, and one or two of the payments.
            pushing = asyncio.create_task(teller.push_hooks(teller.story.hooks[number :: len(DEATHS)]))
            is_dead = partial(_is_dead, stack, service)
            await asyncio.to_thread(wait_until, is_dead, seconds=DEATH_SECONDS_MAX, what="death")
            await asyncio.to_thread(stack.start_service, service)
            await pushing
            assert died.exists()

        await department.rest(parked_too=True)
        assert {month: await teller.totals(month) for month in MONTHS} == EXPECTED


def _start_to_die(
    stack: LocalStack, service: str, failpoint: str, *, died: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("CONVEYOR_FAILPOINT", failpoint)
        environment.setenv("CONVEYOR_FAILPOINT_MARKER", str(died))
        stack.start_service(service)


def _is_dead(stack: LocalStack, service: str) -> bool:
    try:
        next(each for each in stack.services if each.place.name == service).require_running()
    except UnableToStart:
        return True
    return False
