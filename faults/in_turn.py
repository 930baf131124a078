"""One of everything killed in turn, under load: each broker, each replica of each service, PostgreSQL.

What happens at random beside it may keep other parts away as well.
"""

import asyncio
import random

from faults.campaign import READY_SECONDS_MAX, Campaign
from faults.linked_stack import LinkedStack
from faults.troubles import Scene, kill


async def one_of_everything(stack: LinkedStack, campaign: Campaign, *, seed: int) -> None:
    """Kill each part, and go on to the next when it runs again."""
    chance = random.Random(f"in turn {seed}")  # noqa: S311 - how long each is away
    parts = [*stack.nodes, *stack.service_parts, "postgres"]
    for part in parts:
        async with campaign.sparing(part):
            await kill(Scene(stack, campaign.poison, chance), part)
            if part in stack.service_parts:
                await asyncio.to_thread(stack.wait_part, part, seconds=READY_SECONDS_MAX)
    campaign.note(f"one of everything in turn with {', '.join(parts)}")
