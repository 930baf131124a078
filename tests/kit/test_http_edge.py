"""What every answer carries, what is logged and counted, and what never is."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import structlog
from prometheus_client import REGISTRY
from starlette.types import Message, Receive, Scope, Send

from conveyor.kit import logs
from conveyor.kit.http.edge import Edge
from conveyor.kit.logs import configure_logging
from tests.kit.sample_app import EMPLOYEE, Issuer, calling, keys_file, sample_app, sample_service

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def client(issuer: Issuer, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(sample_app(sample_service(keys_file(tmp_path, issuer)))) as client:
        yield client


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure_logging(service="closing", log_format="json", level="INFO", stream=stream)
    yield stream
    structlog.reset_defaults()
    logs._access.is_on = False
    root.handlers[:], root.level = before


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def test_a_trace_is_continued_and_a_request_id_kept(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    correlation = "01890000-0000-7000-8000-00000000abcd"
    headers = {**issuer.bearer(), "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": correlation}

    answer = await client.post("/v1/seen", headers=headers)

    assert answer.headers["x-request-id"] == correlation
    seen = answer.json()
    assert seen["correlation_id"] == correlation
    assert seen["traceparent"].startswith(f"00-{TRACE}-")
    assert seen["traceparent"].endswith("-01")
    assert "00f067aa0ba902b7" not in seen["traceparent"]


@pytest.mark.parametrize(
    "header",
    [
        *("", "x", f"00-{TRACE}", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{TRACE}-{'0' * 16}-01"),
        *(f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{TRACE.upper()}-00f067aa0ba902b7-01"),
        f"00-{TRACE}-00f067aa0ba902b7-01-more",
    ],
)
async def test_a_malformed_trace_counts_as_absent(client: httpx2.AsyncClient, issuer: Issuer, header: str) -> None:
    seen = (await client.post("/v1/seen", headers={**issuer.bearer(), "traceparent": header})).json()

    assert TRACE not in seen["traceparent"]
    assert len(seen["traceparent"]) == 55


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 129, "ä", "a;b", "<script>", "a\tb"])
async def test_a_malformed_request_id_is_replaced(client: httpx2.AsyncClient, request_id: str) -> None:
    answer = await client.get("/healthz", headers=[(b"x-request-id", request_id.encode())])

    assert str(UUID(answer.headers["x-request-id"])) == answer.headers["x-request-id"]


async def test_the_access_log_names_route_and_caller_and_no_input(
    client: httpx2.AsyncClient, issuer: Issuer, written: io.StringIO
) -> None:
    token = issuer.token()
    await client.post("/v1/raw/79161234567?note=ivan@example.com", headers={"Authorization": f"Bearer {token}"})
    await client.post("/v1/seen?token=abc", headers={"Authorization": f"Bearer {token}"})
    await client.get(f"/v1/parts/{EMPLOYEE}")
    await client.get("/healthz")
    await client.get("/v1/secret-place/ivan@example.com")

    raw, seen, part, nowhere = lines(written)

    assert (raw["route"], raw["status"], raw["service"]) == ("/v1/raw/{name}", 200, "closing")
    assert seen["actor"] == f"employee:{EMPLOYEE}"
    assert part["part_id"] == str(EMPLOYEE)
    assert nowhere["route"] == "unmatched"
    for sensitive in (token, "79161234567", "ivan@example.com", "secret-place", "abc"):
        assert sensitive not in written.getvalue()


async def test_an_unexpected_error_is_logged_with_its_traceback_and_without_phones(
    client: httpx2.AsyncClient, written: io.StringIO
) -> None:
    answer = await client.get("/v1/mistake")

    error = next(line for line in lines(written) if line["level"] == "error")
    assert error["request_id"] == answer.headers["x-request-id"]
    assert "make_a_mistake" in str(error["exception"])
    assert "[phone]" in str(error["exception"])
    assert "123-45-67" not in written.getvalue()


def test_secrets_and_personal_data_are_redacted_everywhere(written: io.StringIO) -> None:
    jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"
    log = structlog.get_logger()
    log.warning(
        "call +7 (916) 123-45-67 or 8-916-123-45-67", password="p4ss", nested={"api_key": "k3y", "who": ["a@b.ru"]}
    )
    log.warning("sent Bearer abc.def", url="postgresql://user:pa55@host/db", text=f"token was {jwt}", key="whsec_AbC=")
    logging.getLogger("nats").warning("to %s", "ivan.petrov@example.com")

    text = written.getvalue()
    for secret in ("916", "p4ss", "k3y", "a@b.ru", "abc.def", "pa55", "eyJ", "AbC", "ivan"):
        assert secret not in text, secret
    assert lines(written)[2]["logger"] == "nats"


def test_ids_and_times_are_no_phone_numbers(written: io.StringIO) -> None:
    harmless = "2026-11-22 18:49:26.123456 01931234-5678-7012-8345-123456789012 1500.00 conveyor.closing.x.v1.0193"

    structlog.get_logger().info(harmless)

    assert lines(written)[0]["event"] == harmless


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_log_line_cannot_be_forged(log_format: str, written: io.StringIO) -> None:
    configure_logging(service="closing", log_format=log_format, stream=written)  # type: ignore[arg-type] # parametrised

    structlog.get_logger().info("x\r\nforged \x1b[31mline\u2028end", value="a\nb")
    logging.getLogger("other").error("a\nforged")

    assert len(written.getvalue().splitlines()) == 2
    assert "\x1b" not in written.getvalue()


async def test_requests_are_counted_by_route_and_not_by_path(client: httpx2.AsyncClient) -> None:
    for number in range(3):
        await client.get(f"/v1/nowhere/{number}")
        await client.get(f"/v1/parts/01890000-0000-7000-8000-00000000000{number}")
    await client.request("BREW", "/v1/parts/x")

    text = (await client.get("/metrics")).text

    assert "nowhere" not in text
    assert 'route="/v1/parts/{part_id}"' in text
    assert 'method="OTHER"' in text
    assert 'method="BREW"' not in text
    labels = {"method": "GET", "route": "unmatched", "status": "404"}
    assert (REGISTRY.get_sample_value("conveyor_http_requests_total", labels) or 0) >= 3


async def test_a_request_that_the_end_of_the_process_cuts_off_is_told_to_come_again() -> None:
    """As uvicorn does when a stop in good order has waited for it long enough."""
    told: list[Message] = []
    begun = asyncio.Event()

    async def hangs(_scope: Scope, _receive: Receive, _send: Send) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def send(message: Message) -> None:
        told.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope: Scope = {"type": "http", "method": "POST", "path": "/v1/leads", "headers": []}
    request = asyncio.create_task(Edge(hangs, body_bytes_max=1)(scope, receive, send))
    await begun.wait()
    request.cancel()

    with pytest.raises(asyncio.CancelledError):
        await request
    assert told[0]["status"] == 503
    assert dict(told[0]["headers"])[b"retry-after"] == b"1"
