"""docs/access.md against the running services: every operation, every role, objects of others, no token at all."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.security.access_table import PAGE, REFUSED, SERVICES, Operation, Right, operations_of, rows_for, rows_of
from tests.security.caller import ROLE_AT, Caller, Who
from tests.security.calls import CALLS
from tests.security.world import CLOSED, World

ROWS = {service: rows_for(service, rows_of(PAGE.read_text(encoding="utf-8"))) for service in SERVICES}
LINE = ("sdr", "ae", "am")


@pytest.fixture(params=SERVICES)
async def caller(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Caller]:
    service: str = request.param
    url = world.stack.base_url(service)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        yield Caller(world, service, client)


def guarded(service: str) -> list[Operation]:
    return [operation for operation in operations_of(service) if operation.roles is not None]


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_with_a_body_is_called_with_a_good_one(service: str) -> None:
    missing = [
        operation.name
        for operation in guarded(service)
        if operation.described.get("requestBody", {}).get("required") and operation.name not in CALLS[service]
    ]

    assert not missing, f"say in tests/security/calls.py how to call {missing}"


async def test_without_a_token_nothing_answers(caller: Caller) -> None:
    answers = {operation.name: await caller.call(operation, Who(None)) for operation in guarded(caller.service)}

    assert {name for name, answer in answers.items() if answer.status_code != 401} == set()
    assert all(answer.headers["www-authenticate"].startswith("Bearer") for answer in answers.values())


async def test_every_cell(caller: Caller) -> None:
    wrong = []
    for operation in guarded(caller.service):
        rights = ROWS[caller.service][operation.name].rights
        # Those who may nothing come first, then strangers, then the owner: nothing is used up before it is tried.
        for role, right in sorted(rights.items(), key=lambda cell: (REFUSED, "self", "own", "all").index(cell[1])):
            for who, allowed in people(caller, role, right):
                answer = await caller.call(operation, who)
                if not fits(caller, operation, answer, allowed):
                    wrong.append(f"{operation.name} as {who}: {allowed}, yet {answer.status_code} {answer.text[:300]}")
                wrong += await repeated(caller, operation, answer)

    assert not wrong, "\n".join(wrong)


async def repeated(caller: Caller, operation: Operation, answer: httpx2.Response) -> list[str]:
    """What is wrong when the same request comes again under its Idempotency-Key, if its document takes one."""
    if not answer.is_success or not takes_a_key(operation):
        return []
    again = await caller.client.send(answer.request)
    is_same = (again.status_code, again.content) == (answer.status_code, answer.content)
    is_told = again.headers.get("idempotency-replayed") == "true"
    return [] if is_same and is_told else [f"{operation.name} repeated: {again.status_code} {again.text[:300]}"]


def takes_a_key(operation: Operation) -> bool:
    return any(one.get("name") == "Idempotency-Key" for one in operation.described.get("parameters", ()))


async def test_a_list_asked_for_a_peer_shows_nothing(caller: Caller) -> None:
    wrong = []
    for operation in guarded(caller.service):
        row = ROWS[caller.service][operation.name]
        parameters = {one["name"] for one in operation.described.get("parameters", ())}
        if operation.name.startswith("GET") and "employee_id" in parameters and "{" not in operation.name:
            for role in (role for role in LINE if row.rights[role] == "own"):
                query = {"employee_id": caller.world.owners[ROLE_AT[caller.service]], "period": CLOSED}
                known = {name: value for name, value in query.items() if name in parameters}
                peer = Who(role, caller.world.peers[role])
                answer = await caller.call(operation, peer, query=known)
                if answer.status_code != 404 and (answer.status_code != 200 or answer.json()["items"]):
                    wrong.append(f"{operation.name} as {peer}: {answer.status_code} {answer.text[:300]}")

    assert not wrong, "\n".join(wrong)


def people(caller: Caller, role: str, right: Right) -> list[tuple[Who, str]]:
    """The callers who stand for a role, and what they get."""
    if role not in LINE:
        return [(Who(role), right)]
    owner, peer = Who(role, caller.world.owners[role]), Who(role, caller.world.peers[role])
    if right != "own":
        return [(peer, right), (owner, right)]
    is_at_work_here = ROLE_AT.get(caller.service, role) == role
    return [(peer, "foreign"), (owner, "all" if is_at_work_here else "foreign")]


def fits(caller: Caller, operation: Operation, answer: httpx2.Response, allowed: str) -> bool:
    """Whether this is what somebody with such a right is answered."""
    code = answer.json().get("code") if answer.headers.get("content-type") == "application/problem+json" else None
    if allowed == REFUSED:
        return answer.status_code == 403 and code == "forbidden"
    if allowed == "foreign" and names_an_object(operation):
        return answer.status_code == 404
    if allowed == "foreign":
        return answer.status_code == 200 and not shows_the_owners(caller, answer.text)
    # A rule may refuse what a role may ask for: four eyes, a state, a date.
    is_ruled_out = answer.status_code in {403, 409} and code not in {"forbidden", None}
    return answer.is_success or is_ruled_out or (allowed == "self" and answer.status_code == 404)


def names_an_object(operation: Operation) -> bool:
    """By its path, or by the employee whom an overseer has to name."""
    call = CALLS[operation.service].get(operation.name)
    return "{" in operation.name or (call is not None and "employee_id" in call.query)


def shows_the_owners(caller: Caller, text: str) -> bool:
    """Whether a list holds anything of the people whose it is not."""
    things = caller.world.names[caller.service]
    owner = caller.world.owners[ROLE_AT[caller.service]]
    return any(thing in text for name, thing in things.items() if name.endswith("_id")) or owner in text
