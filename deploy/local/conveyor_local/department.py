"""A client of a running Conveyor, as its neighbours see it: REST with bearer tokens, and signed webhooks.

The demo and the journey tests drive the system through this and nothing else. Paths are those of the outside surface.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx2

SERVICES = ("handoff-bus", "telemarketing", "closing", "account")
STAGES = {"sdr": "telemarketing", "ae": "closing", "am": "account"}
REST_SECONDS_MAX = 60.0
PUSH_SECONDS_MAX = 60.0
_RETRY_SECONDS = 0.3
_POLL_SECONDS = 0.05
_QUIET_ROUNDS = 3

Json = dict[str, Any]
TokenIssuer = Callable[[str, UUID | None], str]


class CallRefused(Exception):
    """A service answered with an error that the caller did not expect."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.body = response.text
        super().__init__(f"{response.request.method} {response.request.url} → {self.status}: {self.body[:500]}")


class NotTaken(Exception):
    """Nobody took a webhook within a minute."""


class NotAtRest(Exception):
    """The system still had work after the deadline."""


class Department:
    """One department's running system.

    `base_urls` maps each service to `http://host:port`; `token` makes a bearer token for a role and an employee.
    """

    def __init__(self, *, base_urls: Mapping[str, str], token: TokenIssuer) -> None:
        limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
        self._clients = {
            service: httpx2.AsyncClient(base_url=url, timeout=30.0, limits=limits, trust_env=False)
            for service, url in base_urls.items()
        }
        self._token = token
        self._tokens: dict[tuple[str, UUID | None], str] = {}
        self._secrets: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        role: str,
        employee_id: UUID | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """One call under `/v1`, whatever it answers."""
        who = (role, employee_id)
        if who not in self._tokens:
            self._tokens[who] = self._token(role, employee_id)
        bearer = {"Authorization": f"Bearer {self._tokens[who]}", **(headers or {})}
        return await self._clients[service].request(method, f"/v1{path}", json=body, headers=bearer)

    async def ask(self, service: str, path: str, *, role: str = "head", employee_id: UUID | None = None) -> Json:
        """GET a JSON object. Raises CallRefused for anything but 200."""
        response = await self.request(service, "GET", path, role=role, employee_id=employee_id)
        return _answer(response)

    async def ask_bytes(self, service: str, path: str, *, role: str) -> bytes:
        """GET a file. Raises CallRefused for anything but 200."""
        response = await self.request(service, "GET", path, role=role)
        if response.status_code != httpx2.codes.OK:
            raise CallRefused(response)
        return response.content

    async def do(self, service: str, path: str, body: Json, *, role: str = "integration", method: str = "POST") -> Json:
        """A write by a system user. Raises CallRefused unless it answers 2xx."""
        return _answer(await self.request(service, method, path, role=role, body=body))

    async def open_source(self, name: str) -> None:
        """Create a webhook source of kind `standard` and keep its secret for `push`."""
        source = await self.do(
            "handoff-bus", "/sources", {"name": name, "kind": "standard", "settings": {}}, role="admin"
        )
        self._secrets[name] = source["secret"]

    def secret_of(self, source: str) -> str:
        """The secret of a source that was opened here."""
        return self._secrets[source]

    async def deliver(
        self,
        source: str,
        event: Json,
        *,
        webhook_id: str,
        sent_at: int | None = None,
        signed_body: bytes | None = None,
    ) -> httpx2.Response:
        """One attempt to deliver a webhook `{type, timestamp, data}`, signed by Standard Webhooks.

        `sent_at` (Unix seconds) and `signed_body` make deliveries that must be refused: stale, or signed for another.
        """
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = self.signed(source, webhook_id=webhook_id, body=signed_body or body, sent_at=sent_at)
        return await self.post_raw("handoff-bus", f"/webhooks/{source}", body, headers)

    def signed(self, source: str, *, webhook_id: str, body: bytes, sent_at: int | None = None) -> dict[str, str]:
        """The headers under which a source sends this body."""
        return signed_headers(self._secrets[source], webhook_id=webhook_id, body=body, sent_at=sent_at)

    async def post_raw(self, service: str, path: str, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """POST bytes under `/v1` without a token."""
        return await self._clients[service].post(f"/v1{path}", content=body, headers=dict(headers))

    async def push(self, source: str, event: Json, *, webhook_id: str) -> httpx2.Response:
        """Deliver one webhook as a good sender does: again, for a minute, while nobody takes it."""
        deadline = time.monotonic() + PUSH_SECONDS_MAX
        while True:
            with suppress(httpx2.TransportError):
                response = await self.deliver(source, event, webhook_id=webhook_id)
                if response.status_code != httpx2.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    return response
            if time.monotonic() > deadline:
                raise NotTaken(webhook_id)
            await asyncio.sleep(_RETRY_SECONDS)

    async def lag(self) -> dict[str, Json]:
        """What each service still has to do."""
        answers = await asyncio.gather(*(self.ask(service, "/lag", role="admin") for service in SERVICES))
        return dict(zip(SERVICES, answers, strict=True))

    async def rest(self, *, seconds_max: float = REST_SECONDS_MAX, parked_too: bool = False) -> None:
        """Wait until nothing is on its way (nor parked, if `parked_too`). Raises NotAtRest after the deadline."""
        deadline = time.monotonic() + seconds_max
        names = ("outbox", "consumer", "parked") if parked_too else ("outbox", "consumer")
        quiet_rounds = 0
        while quiet_rounds < _QUIET_ROUNDS:
            lag = await self.lag()
            busy = any(answer[name] for answer in lag.values() for name in names)
            quiet_rounds = 0 if busy else quiet_rounds + 1
            if busy and time.monotonic() > deadline:
                raise NotAtRest(json.dumps(lag))
            if quiet_rounds < _QUIET_ROUNDS:
                await asyncio.sleep(_POLL_SECONDS)

    async def bonuses(self, role: str, employee_id: str, period: str) -> Json:
        """What an employee sees for a month."""
        return await self.ask(STAGES[role], f"/bonuses?employee_id={employee_id}&period={period}")

    async def close_month(self, period: str) -> None:
        """The head closes a month in all three stages."""
        for stage in STAGES.values():
            await self.do(stage, f"/bonus-periods/{period}/close", {}, role="head")

    async def freeze_batches(self, period: str) -> list[Json]:
        """Payroll makes the batches of a closed month in all three stages."""
        batches = []
        for stage in STAGES.values():
            key = {"Idempotency-Key": f"{stage}-{period}"}
            body = {"period": period}
            response = await self.request(stage, "POST", "/payout-batches", role="payroll", body=body, headers=key)
            batches.append(_answer(response))
        return batches

    async def payroll_file(self, period: str, *, file_format: str = "csv") -> bytes:
        """The one file over the three stages; waits for their batches to arrive at the bus."""
        await self.rest()
        return await self.ask_bytes("handoff-bus", f"/payroll/{period}/export?format={file_format}", role="payroll")


def signed_headers(secret: str, *, webhook_id: str, body: bytes, sent_at: int | None = None) -> dict[str, str]:
    """Standard Webhooks headers: base64 HMAC-SHA256 of `id.timestamp.body` under the `whsec_` secret."""
    stamp = str(int(time.time()) if sent_at is None else sent_at)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((webhook_id.encode(), stamp.encode(), body))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{digest}",
    }


def _answer(response: httpx2.Response) -> Json:
    if not response.is_success:
        raise CallRefused(response)
    answer: Json = response.json() if response.content else {}
    return answer
