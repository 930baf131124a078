"""The golden quarter while servers are away: nothing lost, nothing doubled, and the right answers meanwhile."""

import asyncio
import time
from collections.abc import Sequence

from conveyor_local.department import SERVICES, STAGES, Department
from conveyor_local.golden_quarter import EXPECTED, MONTHS, Hook, golden_quarter
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

# What is promised of the broker; also longer than a publisher waits for it and than a consumer holds a message.
BROKER_DOWN_SECONDS = 20
RECOVERY_SECONDS_MAX = 30


def _department(stack: LocalStack) -> Department:
    return Department(base_urls={service: stack.base_url(service) for service in SERVICES}, token=stack.token)


async def _recorded(department: Department) -> Storyteller:
    """The story up to the point where only the webhooks are missing."""
    teller = Storyteller(department, golden_quarter())
    await teller.open_department()
    await teller.record_steps()
    await department.rest()
    return teller


async def _assert_golden(teller: Storyteller) -> None:
    await teller.department.rest(parked_too=True)
    assert {month: await teller.totals(month) for month in MONTHS} == EXPECTED
    for stage in STAGES.values():
        verified = await teller.department.ask(stage, "/bonus-entries/verification")
        assert verified["valid"] is True


async def test_broker_down_while_webhooks_come(stack: LocalStack) -> None:
    async with _department(stack) as department:
        teller = await _recorded(department)
        await asyncio.to_thread(stack.nats.kill)
        down_until = time.monotonic() + BROKER_DOWN_SECONDS

        statuses = await _spread(department, teller.story.hooks, until=down_until)
        await asyncio.to_thread(stack.nats.start)

        assert set(statuses) == {202}
        await _assert_golden(teller)


async def test_database_down_answers_503_and_comes_back_without_a_restart(stack: LocalStack) -> None:
    async with _department(stack) as department:
        teller = await _recorded(department)
        first, *others = teller.story.hooks
        await asyncio.to_thread(stack.postgres.kill)

        refused = await department.deliver(first.source, first.event, webhook_id=first.webhook_id)
        await asyncio.to_thread(stack.postgres.start)
        begun = time.monotonic()
        taken = await department.push(first.source, first.event, webhook_id=first.webhook_id)

        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/problem+json"
        assert taken.status_code == 202
        assert time.monotonic() - begun < RECOVERY_SECONDS_MAX
        await teller.push_hooks(others)
        await _assert_golden(teller)


async def _spread(department: Department, hooks: Sequence[Hook], *, until: float) -> list[int]:
    """Deliver the webhooks evenly until then, once each, and say what each was answered."""
    pause = max(0.0, until - time.monotonic()) / len(hooks)
    statuses = []
    for hook in hooks:
        response = await department.deliver(hook.source, hook.event, webhook_id=hook.webhook_id)
        statuses.append(response.status_code)
        await asyncio.sleep(pause)
    return statuses
