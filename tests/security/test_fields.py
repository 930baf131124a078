"""Where an answer differs by role: which fields who sees."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from conveyor_local.department import STAGES
from tests.security.canaries import NOTE
from tests.security.world import World

RUN_THE_DEPARTMENT = ("admin", "head", "payroll", "auditor")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as made:
        yield made


@pytest.mark.parametrize(("role", "stage"), STAGES.items())
async def test_the_departments_totals_are_not_for_the_line(
    world: World, client: httpx2.AsyncClient, role: str, stage: str
) -> None:
    async def totals(who: str, employee_id: str | None = None) -> list[object]:
        url = f"{world.stack.base_url(stage)}/v1/bonus-periods"
        periods = (await client.get(url, headers=world.bearer(who, employee_id))).json()["items"]
        return [total for period in periods for total in period["totals"]]

    assert all([await totals(who) for who in RUN_THE_DEPARTMENT])
    assert await totals(role, world.owners[role]) == await totals(role, world.peers[role]) == []


async def test_why_somebody_is_away_is_not_for_everybody(world: World, client: httpx2.AsyncClient) -> None:
    url = f"{world.stack.base_url('handoff-bus')}/v1/employees/{world.owners['sdr']}/absences"
    ill = {"from": "2029-01-01", "until": "2029-01-10", "kind": "sick_leave"}
    await client.post(url, json=ill, headers=world.bearer("head"))

    async def kinds(who: str, employee_id: str | None = None) -> set[str | None]:
        items = (await client.get(url, headers=world.bearer(who, employee_id))).json()["items"]
        return {item["kind"] for item in items}

    assert [await kinds(who) for who in RUN_THE_DEPARTMENT] == [{"sick_leave"}] * 4
    assert await kinds("sdr", world.owners["sdr"]) == {"sick_leave"}
    assert [await kinds(who) for who in ("marketing", "integration")] == [{None}] * 2
    assert [await kinds(role, peer) for role, peer in world.peers.items()] == [{None}] * 3


@pytest.mark.parametrize("role", ["admin", "head", "auditor", "integration"])
async def test_a_secret_is_shown_to_nobody(world: World, client: httpx2.AsyncClient, role: str) -> None:
    url = f"{world.stack.base_url('handoff-bus')}/v1/sources"
    told = (await client.get(url, headers=world.bearer(role))).json()["items"]

    assert {source["name"] for source in told} >= {"bank", "telephony"}
    assert not [source for source in told if "secret" in source or "secret" in source["settings"]]
    assert not [secret for secret in world.secrets.values() if secret.removeprefix("whsec_") in str(told)]


@pytest.mark.parametrize(("role", "stage"), STAGES.items())
async def test_what_was_said_in_a_dispute_is_for_those_who_decide_it(
    world: World, client: httpx2.AsyncClient, role: str, stage: str
) -> None:
    url = f"{world.stack.base_url(stage)}/v1/disputes/{world.names[stage]['dispute_id']}"

    assert NOTE in (await client.get(url, headers=world.bearer("head"))).text
    assert NOTE in (await client.get(url, headers=world.bearer(role, world.owners[role]))).text
    assert NOTE not in (await client.get(url, headers=world.bearer(role, world.peers[role]))).text
