"""Requests as no client sends them: fields that are the server's, verbs, paths, headers that claim something."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from conveyor.kit.ids import new_id
from tests.security.access_table import PAGE, SERVICES, operations_of, rows_for, rows_of
from tests.security.caller import ROLE_AT, Caller, Who
from tests.security.calls import CALLS
from tests.security.test_access import guarded, names_an_object
from tests.security.world import World

ROWS = {service: rows_for(service, rows_of(PAGE.read_text(encoding="utf-8"))) for service in SERVICES}
SERVERS_OWN = ("journal_no", "approved_by", "created_at", "tenant_id", "revision", "hash", "decided_by", "recorded_at")
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


@pytest.fixture(params=SERVICES)
async def caller(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Caller]:
    service: str = request.param
    url = world.stack.base_url(service)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        yield Caller(world, service, client)


async def test_no_write_takes_fields_that_are_the_servers(caller: Caller) -> None:
    wrong = []
    for operation in guarded(caller.service):
        call = CALLS[caller.service].get(operation.name)
        if call is None or not isinstance(call.body, dict):
            continue
        rights = ROWS[caller.service][operation.name].rights
        role = next((role for role, right in rights.items() if right == "all"), None)
        who = Who(role) if role else Who(ROLE_AT.get(caller.service, "sdr"), next(iter(caller.world.owners.values())))
        answer = await caller.call(operation, who, more=dict.fromkeys(SERVERS_OWN, "1"))
        named = {error["pointer"] for error in answer.json().get("errors", ())}
        is_named = {f"/{field}" for field in SERVERS_OWN} <= named
        # Where a kind of source says what its settings are, a rule refuses them before they are looked at.
        if answer.is_success or (answer.status_code == 422 and not is_named):
            wrong.append(f"{operation.name} as {who}: {answer.status_code} {answer.text[:300]}")

    assert not wrong, "\n".join(wrong)


async def test_an_undeclared_verb_does_nothing_whatever_a_header_says(caller: Caller) -> None:
    declared: dict[str, set[str]] = {}
    for operation in operations_of(caller.service):
        verb, path = operation.name.split(" ")
        declared.setdefault(path, set()).add(verb)
    override = {**caller.world.bearer("admin"), "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}
    wrong = []
    for path in (path for path in declared if "/webhooks/" not in path):
        for verb in VERBS:
            if verb not in declared[path]:
                target = path.replace("{", "").replace("}", "")
                answer = await caller.client.request(verb, target, headers=override)
                if answer.status_code != 405 and not _is_declared_elsewhere(verb, target, declared):
                    wrong.append(f"{verb} {path}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def _is_declared_elsewhere(verb: str, target: str, declared: dict[str, set[str]]) -> bool:
    """`/leads/import` is also a `/leads/{lead_id}`."""
    shape = target.split("/")
    return any(
        verb in verbs
        and len(parts := path.split("/")) == len(shape)
        and all(part == own or part.startswith("{") for part, own in zip(parts, shape, strict=True))
        for path, verbs in declared.items()
    )


async def test_somebody_elses_object_looks_like_one_that_does_not_exist(caller: Caller) -> None:
    """By the answer's words: only the path that was asked for and the ids of the request differ."""
    role = ROLE_AT.get(caller.service, "sdr")
    peer = Who(role, caller.world.peers[role])
    compared = 0
    for operation in guarded(caller.service):
        if ROWS[caller.service][operation.name].rights[role] != "own" or not names_an_object(operation):
            continue
        foreign = await caller.call(operation, peer)
        missing = await caller.call(operation, peer, unknown=str(new_id()))
        if missing.status_code == 404:
            compared += 1
            assert _words(foreign) == _words(missing), operation.name

    assert compared >= 1


def _words(answer: httpx2.Response) -> dict[str, object]:
    kept = answer.json().items()
    return {name: value for name, value in kept if name not in {"instance", "request_id", "trace_id"}}


@pytest.mark.parametrize(
    "path", ["/v1/lag/", "/v1//lag", "/v1/%2e%2e/v1/lag/x", "/v1/lag%2f", "/v1/lag%00", "/V1/lag", "/v1/lag;x=1"]
)
async def test_a_path_has_one_spelling(caller: Caller, path: str) -> None:
    answer = await caller.client.get(path, headers=caller.world.bearer("admin"))

    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_headers_give_no_rights_and_tell_no_version(caller: Caller) -> None:
    claims = {
        "X-Forwarded-User": "admin",
        "X-User-Role": "admin",
        "X-Forwarded-For": "127.0.0.1",
        "X-Original-URL": "/healthz",
        "Origin": "https://evil.example",
    }
    nobody = await caller.client.get("/v1/lag", headers=claims)
    somebody = await caller.client.get("/v1/lag", headers={**claims, **caller.world.bearer("head")})
    preflight = await caller.client.options("/v1/lag", headers={**claims, "Access-Control-Request-Method": "GET"})

    assert (nobody.status_code, somebody.status_code, preflight.status_code) == (401, 200, 405)
    for answer in (nobody, somebody, preflight):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "server" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_of_a_parameter_given_twice_the_last_counts(caller: Caller) -> None:
    answer = await caller.client.get("/v1/handoffs?limit=9999&limit=1", headers=caller.world.bearer("head"))

    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
