"""Personal data and secrets stay where they belong: not in logs, problems, metrics, documents or the checkout."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from conveyor_local.department import signed_headers
from conveyor_local.golden_quarter import golden_quarter, phone_of
from tests.security.access_table import CHECKOUT, SERVICES, operations_of
from tests.security.canaries import CONTACT, INN, NOTE, WEBSITE
from tests.security.world import World

STORY = golden_quarter()
MOMENT = "2025-12-03T10:00:00Z"
PERSONAL = (
    *CONTACT.values(),
    CONTACT["phone"].replace(" ", "").replace("-", ""),
    INN,
    NOTE,
    WEBSITE,
    "Ирина Ветрова",
    *(person.name for person in STORY.people),
    *STORY.companies.values(),
    *(phone_of(lead) for lead in STORY.companies),
)
TEXT = frozenset({".py", ".md", ".json", ".toml", ".yaml", ".conf", ".sql", ".example", ".html", ".js", ".sh", ".txt"})
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|whsec_[A-Za-z0-9+/]{32,}|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.|AKIA[0-9A-Z]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[0-9A-Za-z-]{20,}|sk_live_[0-9A-Za-z]{20,}"
)


def logs_of(world: World) -> Iterator[tuple[str, str]]:
    for path in sorted(world.stack.home.glob("*.log")):
        yield path.name, path.read_text(encoding="utf-8", errors="replace")


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for child in value.values():
            yield from texts_in(child)
    else:
        yield str(value)


async def settled(world: World) -> None:
    """Wait until the bus has read what came in; what it cannot read stays with its reason."""
    url = f"{world.stack.base_url('handoff-bus')}/v1/deliveries?state=received&limit=1"
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client, asyncio.timeout(60):
        while True:
            if not (await client.get(url, headers=world.bearer("admin"))).json()["items"]:
                return
            await asyncio.sleep(0.1)


def as_logged(word: str) -> tuple[str, str]:
    """As it is, and as JSON escapes it."""
    return word, json.dumps(word)[1:-1]


@pytest.mark.parametrize("service", SERVICES)
def test_problems_do_not_repeat_what_was_sent(world: World, service: str) -> None:
    poison = {
        "canary": CONTACT["phone"],
        "email": CONTACT["email"],
        "name": CONTACT["name"],
        "employee_id": NOTE,
        "text": [INN],
    }
    told = []
    with httpx2.Client(base_url=world.stack.base_url(service), trust_env=False, timeout=60) as client:
        for operation in operations_of(service):
            verb, template = operation.name.split(" ")
            for bearer in (world.bearer("admin"), {"Authorization": f"Bearer {WEBSITE}"}):
                path = re.sub(r"{\w+}", CONTACT["email"], template)
                query = {"employee_id": NOTE, "cursor": CONTACT["phone"], "period": INN, "state": WEBSITE}
                answer = client.request(verb, path, params=query, json=poison, headers=bearer)
                # `instance` is the path that the caller asked for, which has the e-mail in it here.
                told.append((operation.name, answer.status_code, {**answer.json(), "instance": ""}))

    assert {status for _, status, _ in told} <= {200, 400, 401, 403, 404, 405, 409, 415, 422, 428}
    leaks = [
        (name, word)
        for name, status, problem in told
        if status != 200
        for word in PERSONAL
        if any(form in json.dumps(problem, ensure_ascii=False) for form in as_logged(word))
    ]
    assert not leaks


def deliveries() -> Iterator[tuple[str, bytes]]:
    """Bodies with people in them: good ones, and every way in which a body is refused or cannot be handled."""
    contact = {name: CONTACT[name] for name in ("name", "phone", "email")}
    lead = {"company": {"name": "Canary", "inn": INN, "website": WEBSITE}, "contacts": [contact], "campaign": NOTE}
    named = {"lead": {"system": "email", "value": CONTACT["email"]}, "channel": "site", "mechanics": "warm"}
    by_phone = {"lead": {"system": "phone", "value": CONTACT["phone"]}, "payment_id": "canary", "paid_at": MOMENT}
    for number, (kind, data) in enumerate(
        (
            ("lead.received", {**named, **lead}),
            ("lead.received", {**named, **lead, "comment": NOTE}),
            ("lead.received", {**named, "contacts": [{**contact, "name": [CONTACT["name"]]}]}),
            ("payment.received", {**by_phone, "amount": {"amount": "1.00", "currency": "RUB"}}),
            ("payment.received", {**by_phone, "amount": {"amount": CONTACT["phone"], "currency": "RUB"}}),
            ("payment.received", {**by_phone, "amount": CONTACT["name"]}),
            ("call.finished", {"call_id": NOTE, "lead": named["lead"], "employee": contact}),
            (CONTACT["name"], lead),
        )
    ):
        yield f"leak-{number}", json.dumps({"type": kind, "timestamp": MOMENT, "data": data}).encode()
    yield "leak-text", f"{NOTE} {CONTACT['email']}".encode()
    yield "leak-form", b"name=" + quote(CONTACT["name"]).encode() + b"&phone=" + quote(CONTACT["phone"]).encode()
    yield "leak-nul", json.dumps({"type": "lead.received", "timestamp": MOMENT, "data": f"{NOTE}\0"}).encode()
    yield "leak-half", json.dumps(lead).encode()[:-3]
    yield "leak-bytes", CONTACT["name"].encode("cp1251")


async def tell_of_people(world: World) -> Counter[int]:
    """Everything through the door: proven, not proven, repeated with another body, for a source that is named so."""
    statuses: Counter[int] = Counter()
    url = f"{world.stack.base_url('handoff-bus')}/v1/webhooks"
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        for webhook_id, body in deliveries():
            good = signed_headers(world.secrets["bank"], webhook_id=webhook_id, body=body)
            other = signed_headers(world.secrets["bank"], webhook_id="leak-0", body=body)
            bad = signed_headers(world.secrets["telephony"], webhook_id=webhook_id, body=body)
            for path, headers in (("bank", good), ("bank", bad), ("bank", other), (quote(CONTACT["name"]), good)):
                answer = await client.post(f"{url}/{path}?who={quote(NOTE)}", content=body, headers=headers)
                statuses[answer.status_code] += 1
    return statuses


async def test_logs_of_the_whole_run_name_nobody(world: World) -> None:
    statuses = await tell_of_people(world)
    assert {202, 401, 404, 409, 422} <= statuses.keys()
    await settled(world)
    logs = dict(logs_of(world))
    secrets = [
        *world.secrets.values(),
        *world.tokens,
        *texts_in(json.loads((world.stack.home / "secrets.json").read_text())),
    ]

    assert {f"{service}.log" for service in SERVICES} | {"nats.log", "postgres.log"} <= logs.keys()
    assert all('"event":"request"' in logs[f"{service}.log"] for service in SERVICES)
    found = [
        (name, word)
        for name, text in logs.items()
        for word in (*PERSONAL, *secrets)
        if any(form in text for form in as_logged(word))
    ]
    assert not found


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_count_and_name_nobody(world: World, service: str) -> None:
    text = httpx2.get(f"{world.stack.base_url(service)}/metrics", trust_env=False, timeout=30).text
    ids = [*world.owners.values(), *world.peers.values()]
    ids += [thing for name, thing in world.names[service].items() if name.endswith("_id")]

    assert "conveyor_" in text
    assert not [word for word in (*PERSONAL, *ids, *world.secrets.values()) if word in text]


def secrets_in(path: str, text: str) -> Iterator[str]:
    """Where a file holds what looks like a real secret. What tests sign with is made up, and not looked at."""
    for match in SECRET.finditer(text):
        yield f"{path}: {match[0][:16]}…"


def test_the_checkout_holds_no_secret() -> None:
    kept = ("services", "shared", "deploy", "verifier", "docs")
    paths = [path for tree in kept for path in (CHECKOUT / tree).rglob("*") if path.suffix in TEXT and path.is_file()]

    found = [one for path in paths for one in secrets_in(str(path), path.read_text(encoding="utf-8"))]

    assert len(paths) > 500
    assert not found


@pytest.mark.parametrize(
    "text", ["-----BEGIN PRIVATE KEY-----", "whsec_" + "A" * 32, "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + ".c"]
)
def test_the_search_finds_a_secret(text: str) -> None:
    assert list(secrets_in("a.md", f"x {text} y"))
