"""Every refusal of the HTTP kit is a problem with a stable code, and tells nothing that was sent."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.kit.sample_app import EMPLOYEE, Issuer, calling, keys_file, sample_app, sample_service

CANARY = "canary-79161234567"
PART: dict[str, Any] = {"name": "bolt", "price": {"amount": "10.00", "currency": "RUB"}}


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def client(issuer: Issuer, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    app = sample_app(sample_service(keys_file(tmp_path, issuer)))
    async with calling(app, **issuer.bearer()) as client:
        yield client


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.request.url.path
    assert body["request_id"] == answer.headers["x-request-id"]
    assert len(body["trace_id"]) == 32
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    return body


def pointers(body: dict[str, Any]) -> list[str]:
    return [error["pointer"] for error in body["errors"]]


async def test_a_good_request_is_answered(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/parts", json=PART)

    assert answer.status_code == 201, answer.text
    assert answer.json()["actor"] == f"employee:{EMPLOYEE}"
    assert answer.json()["price"] == PART["price"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_named_refusal_is_409_with_its_name_and_extensions(client: httpx2.AsyncClient) -> None:
    body = problem(await client.post(f"/v1/parts/{EMPLOYEE}/sale"), 409, "part-already-sold")

    assert body["detail"] == "This part was sold before."
    assert body["sold_to"] == "somebody"


async def test_an_unknown_address_is_404(client: httpx2.AsyncClient) -> None:
    problem(await client.get(f"/v1/{CANARY[:6]}"), 404, "not-found")
    problem(await client.get("/v1/parts/"), 404, "not-found")


async def test_an_unknown_object_is_404(client: httpx2.AsyncClient) -> None:
    problem(await client.get("/v1/parts/01890000-0000-7000-8000-00000000dead"), 404, "not-found")


async def test_an_unknown_method_is_405_with_allow(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/v1/anything")

    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


async def test_allow_names_the_methods_of_every_operation_at_the_address(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/v1/parts/01890000-0000-7000-8000-00000000dead")

    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PUT"
    assert (await client.delete("/v1/parts/spare")).headers["allow"] == "POST"


async def test_a_word_of_the_path_is_no_parameter_of_another_operation(client: httpx2.AsyncClient) -> None:
    # Both operations are of `/parts/{part_id}`; the one that changes asks for If-Match before it looks at the id.
    for answer in (await client.put("/v1/parts/spare"), await client.get("/v1/parts/spare")):
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "POST"
    assert (await client.get("/v1/parts/spares")).status_code == 422


async def test_another_media_type_is_415(client: httpx2.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = await client.post("/v1/anything", content=b"{}", headers={"Content-Type": kind})
        problem(answer, 415, "unsupported-media-type")
    problem(await client.post("/v1/anything", content=b"{}"), 415, "unsupported-media-type")


async def test_an_unexpected_error_is_500_without_its_text(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/mistake")

    problem(answer, 500, "internal-error")
    assert "916" not in answer.text


async def test_a_database_that_is_away_is_503_with_retry_after(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert answer.status_code == 503
    told = answer.json()
    assert told == {"ready": False, "stopping": False, "database": "down", "broker": "down", "waits_for": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**PART, "status": CANARY}, "/status"),
        ({**PART, "price": {**PART["price"], "rate": CANARY}}, "/price/rate"),
        ({"price": PART["price"]}, "/name"),
        ({**PART, "kind": CANARY}, "/kind"),
        ({**PART, "employee_id": CANARY}, "/employee_id"),
        ({**PART, "occurred_at": CANARY}, "/occurred_at"),
        ({**PART, "occurred_at": 1773133200}, "/occurred_at"),
        ({**PART, "occurred_at": "2026-03-10T08:00:00"}, "/occurred_at"),
        ({**PART, "occurred_at": "2026-03-10T09:00:01Z"}, "/occurred_at"),
        ({**PART, "occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at"),
        ({**PART, "occurred_at": "2026-03-03T08:59:59Z"}, "/occurred_at"),
        ({**PART, "name": "a\x00b"}, "/name"),
        ({**PART, "name": ""}, "/name"),
        ({**PART, "name": 12}, "/name"),
    ],
)
async def test_a_wrong_field_is_422_and_pointed_at(
    client: httpx2.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    answer = await client.post("/v1/parts", json=body)

    assert pointers(problem(answer, 422, answer.json()["code"])) == [pointer]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b'{"value": 1',
        b'{"value": 1, "value": 2}',
        b'{"value": {"a": 1, "a": 1}}',
        b'{"value": NaN}',
        b'{"value": -Infinity}',
        b'{"value": 1e400}',
        b'{"value": "\xff\xfe"}',
        b'{"value": "\\ud800"}',
        b'{"value": "\\u0000"}',
        b'{"value": {"\\u0000": 1}}',
        b'{"value": "\x00"}',
        b'\xef\xbb\xbf{"value": 1}',
        '{"value": 1}'.encode("utf-16"),
        b'{"value": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"value": ' + b"[" * 50_000,
        b'{"value": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
        b'{"value": ' + b"9" * 5000 + b"}",
        b"[]",
        b"null",
        b'"text"',
    ],
    ids=lambda content: repr(content[:24]),
)
async def test_a_body_that_is_no_clean_json_is_422(client: httpx2.AsyncClient, content: bytes) -> None:
    answer = await client.post("/v1/anything", content=content, headers={"Content-Type": "application/json"})

    assert problem(answer, 422, answer.json()["code"])["errors"]


async def test_escapes_of_whole_characters_are_taken(client: httpx2.AsyncClient) -> None:
    content = b'{"value": ["\\ud83d\\ude00", "\\u0041", "\\\\u0000", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]}'

    answer = await client.post("/v1/anything", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200, answer.text


async def test_the_pointer_of_an_unstorable_text_leads_to_it(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/anything", json={"value": [{"a/b": {"c~": "x\x00"}}]})

    assert pointers(problem(answer, 422, "malformed-body")) == ["/value/0/a~1b/c~0"]


async def test_parameters_of_path_query_and_header_are_named(client: httpx2.AsyncClient) -> None:
    path = await client.get(f"/v1/parts/{CANARY}")
    assert pointers(problem_at_canary(path)) == ["/part_id"]

    query = await client.get(f"/v1/parts/{EMPLOYEE}", params={"state": CANARY})
    assert pointers(problem(query, 422, "invalid")) == ["/state"]

    header = await client.post("/v1/raw/x", headers={"x-note": CANARY})
    assert pointers(problem(header, 422, "invalid")) == ["/x-note"]


def problem_at_canary(answer: httpx2.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (422, "invalid")
    assert CANARY not in body["detail"] + str(body["errors"])
    return body


async def test_nul_in_path_or_query_is_422(client: httpx2.AsyncClient) -> None:
    assert pointers(problem(await client.post("/v1/raw/x%00y"), 422, "invalid")) == ["/name"]
    assert pointers(problem(await client.post("/v1/raw/x?note=%00"), 422, "invalid")) == ["/note"]


async def test_a_body_beyond_the_limit_is_413_declared_or_streamed(client: httpx2.AsyncClient) -> None:
    large = b'{"value": "' + b"x" * 256 * 1024 + b'"}'
    json_type = {"Content-Type": "application/json"}

    async def drip() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 1000):
            yield large[start : start + 1000]

    for address in ("/v1/anything", "/v1/raw/x"):
        problem(await client.post(address, content=large, headers=json_type), 413, "body-too-large")
        problem(await client.post(address, content=drip(), headers=json_type), 413, "body-too-large")
    assert (await client.post("/v1/large", content=drip(), headers=json_type)).status_code == 200


async def test_a_large_body_to_nowhere_is_a_problem_too(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/nowhere", content=b"x" * 300 * 1024)

    assert answer.status_code in {404, 413}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_revision_is_asked_for_and_compared(client: httpx2.AsyncClient) -> None:
    address = f"/v1/parts/{EMPLOYEE}"
    etag = (await client.get(address)).headers["etag"]

    assert etag == '"4"'
    assert (await client.put(address, json={}, headers={"If-Match": etag})).status_code == 200
    problem(await client.put(address, json={}), 428, "precondition-required")
    for stale in ('"3"', 'W/"4"', "4", "*", '"x"', '"4", "3"', '"' + "9" * 30 + '"'):
        problem(await client.put(address, json={}, headers={"If-Match": stale}), 412, "stale-revision")
