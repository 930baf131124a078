"""A service stopped in good order under load: no answer of its own making fails, nothing is lost or done twice."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator

import asyncpg
import httpx2

from conveyor_local.department import Department
from conveyor_local.stack import LocalStack

CLIENTS, RESTARTS = 6, 3
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 90
KEPT = "SELECT lead_id::text FROM telemarketing_leads"
TOLD = "SELECT key FROM outbox_log WHERE subject LIKE 'conveyor.telemarketing.lead_recorded.%'"


async def test_every_lead_is_entered_and_told_once(stack: LocalStack) -> None:
    statuses: Counter[int] = Counter()
    entered: list[str] = []
    stop = asyncio.Event()
    numbers = itertools.count()
    urls = {service: stack.base_url(service) for service in ("telemarketing", "handoff-bus", "closing", "account")}
    async with Department(base_urls=urls, token=stack.token) as department:
        work = [asyncio.create_task(enter(stack, numbers, stop, entered, statuses)) for _ in range(CLIENTS)]
        for _ in range(RESTARTS):
            await grown(entered)
            await asyncio.to_thread(stack.stop_service, "telemarketing")
            await asyncio.to_thread(stack.start_service, "telemarketing")
        await grown(entered)
        stop.set()
        await asyncio.gather(*work)
        await department.rest()
    kept, told = [await read(stack, question) for question in (KEPT, TOLD)]

    assert set(statuses) <= {201, 503}
    assert len(set(entered)) == len(entered) > CLIENTS * RESTARTS
    assert sorted(kept) == sorted(told) == sorted(entered)


async def read(stack: LocalStack, question: str) -> list[str]:
    connection = await asyncpg.connect(stack.database_urls("telemarketing").app)
    try:
        return [row[0] for row in await connection.fetch(question)]
    finally:
        await connection.close()


async def enter(
    stack: LocalStack, numbers: Iterator[int], stop: asyncio.Event, entered: list[str], statuses: Counter[int]
) -> None:
    """Enter leads one after another; what the stopped service did not take is sent again under its key."""
    headers = {"Authorization": f"Bearer {stack.token('integration')}"}
    async with httpx2.AsyncClient(base_url=stack.base_url("telemarketing"), trust_env=False, timeout=30) as client:
        while not stop.is_set():
            number = next(numbers)
            body = {"company": {"name": f"Works {number}"}, "contacts": [], "channel": "base", "mechanics": "cold"}
            key = {"Idempotency-Key": f"lead-{number}"}
            while True:
                try:
                    answer = await client.post("/v1/leads", json=body, headers={**headers, **key})
                except httpx2.TransportError:
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                statuses[answer.status_code] += 1
                if answer.status_code == 503:  # it says itself that the same request will do later
                    await asyncio.sleep(float(answer.headers["retry-after"]))
                    continue
                entered.append(answer.json()["id"])
                break


async def grown(entered: list[str]) -> None:
    """Wait until a good deal more was done."""
    wanted = len(entered) + 3 * CLIENTS
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if len(entered) >= wanted:
                return
            await asyncio.sleep(PAUSE_SECONDS)
