"""Whoever knocks with bad proofs shuts out nobody: the services answer him and go on."""

import asyncio
from collections import Counter

import httpx2

from conveyor_local.department import signed_headers
from conveyor_local.golden_quarter import moscow, payment
from tests.security.world import World

KNOCKS = 300


async def test_a_flood_of_bad_signatures_shuts_out_no_proven_delivery(world: World) -> None:
    url = f"{world.stack.base_url('handoff-bus')}/v1/webhooks/bank"
    body = httpx2.Request("POST", url, json=payment("flood", moscow(12, 2, 10), "1.00", contract="C-0").event).content
    bad = signed_headers("whsec_" + "A" * 32, webhook_id="knock", body=body)
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        knocks = await asyncio.gather(*(client.post(url, content=body, headers=bad) for _ in range(KNOCKS)))
        proven = signed_headers(world.secrets["bank"], webhook_id="flood", body=body)
        let_in = await client.post(url, content=body, headers=proven)

    assert Counter(answer.status_code for answer in knocks) == {401: KNOCKS}
    assert let_in.status_code == 202


async def test_a_flood_of_bad_tokens_shuts_out_no_good_one(world: World) -> None:
    url = f"{world.stack.base_url('closing')}/v1/lag"
    good = world.bearer("head")
    bad = {"Authorization": good["Authorization"][:-6] + "AAAAAA"}
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        knocks = await asyncio.gather(*(client.get(url, headers=bad) for _ in range(KNOCKS)))
        let_in = await client.get(url, headers=good)

    assert Counter(answer.status_code for answer in knocks) == {401: KNOCKS}
    assert let_in.status_code == 200
