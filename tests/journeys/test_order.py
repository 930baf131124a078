"""The payroll file does not depend on the order, the delay or the repetition of the webhooks: same to the byte."""

import random
from collections.abc import Callable, Sequence

import pytest

from conveyor_local.department import SERVICES, Department
from conveyor_local.golden_quarter import Hook, Story, golden_quarter
from conveyor_local.random_quarter import random_quarter
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

NewStack = Callable[[], LocalStack]
SEEDS = range(1, 21)
QUARTER_SEED = 2025


def _shuffled(hooks: Sequence[Hook], seed: int) -> list[Hook]:
    """Every webhook once to three times, in a random order."""
    chance = random.Random(seed)  # noqa: S311 - an order of deliveries, not a secret
    deliveries = [hook for hook in hooks for _ in range(chance.randrange(1, 4))]
    chance.shuffle(deliveries)
    return deliveries


async def _payroll(stack: LocalStack, story: Story, hooks: Sequence[Hook], *, before_steps: int) -> dict[str, bytes]:
    """Play the story with the webhooks in this order, the first `before_steps` of them before anybody did anything.

    Some of the bank's webhooks come only after September was closed: which ones is the same in every order, so the
    files must be too.
    """
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, story)
        late = [hook for hook in hooks if _is_late(hook)]
        timely = [hook for hook in hooks if not _is_late(hook)]
        await teller.open_department()
        await teller.push_hooks(timely[:before_steps])
        await teller.record_steps()
        await teller.push_hooks(timely[before_steps:])
        files = {}
        for number, month in enumerate(story.months):
            await department.rest()
            await department.close_month(month)
            await department.freeze_batches(month)
            files[month] = await department.payroll_file(month)
            if number == 0:
                await teller.push_hooks(late)
        await department.rest(parked_too=True)
    stack.stop()
    return files


def _is_late(hook: Hook) -> bool:
    """About one webhook of the bank in seven is only delivered after September was closed."""
    return hook.source == "bank" and sum(hook.webhook_id.encode()) % 7 == 0


STORIES = {"golden": golden_quarter(), "random": random_quarter(QUARTER_SEED)}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("story", "seeds"),
    [
        pytest.param("golden", SEEDS[:10], id="golden"),
        pytest.param("random", SEEDS[10:], id="random"),
        pytest.param("golden", SEEDS[10:], id="golden-more", marks=pytest.mark.long),
        pytest.param("random", SEEDS[:10], id="random-more", marks=pytest.mark.long),
    ],
)
async def test_the_payroll_file_is_the_same_to_the_byte(story: str, seeds: Sequence[int], new_stack: NewStack) -> None:
    told = STORIES[story]
    reference = await _payroll(new_stack(), told, told.hooks, before_steps=0)

    assert any(len(file.splitlines()) > 1 for file in reference.values())
    for seed in seeds:
        hooks = _shuffled(told.hooks, seed)
        files = await _payroll(new_stack(), told, hooks, before_steps=len(hooks) // 4)
        assert files == reference, f"seed {seed}"
