"""A client that behaves as good senders and frontends do: the same request again until it is answered.

Writes carry an Idempotency-Key, webhooks their id. What is answered in a way that no fault excuses is kept in
`unexcused`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import httpx2

from conveyor.kit.ids import new_id
from conveyor_local.department import Department, Json, TokenIssuer

PATIENCE_SECONDS = 240.0
ATTEMPT_SECONDS_MAX = 15.0
PAUSE_SECONDS = 0.3


class NotAnswered(Exception):
    """A request found nobody for minutes."""


class PatientDepartment(Department):
    """A Department over one or more replicas of each service; `base_urls` lists them."""

    def __init__(self, *, base_urls: Mapping[str, Sequence[str]], token: TokenIssuer) -> None:
        super().__init__(base_urls={service: urls[0] for service, urls in base_urls.items()}, token=token)
        self._replicas = {service: list(urls) for service, urls in base_urls.items()}
        self.accepted: set[tuple[str, str]] = set()
        """(source, webhook id) of every delivery that was answered 200 or 202."""
        self.unexcused: list[str] = []
        self.attempts = 0

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
        """Ask until somebody answers something other than "not now"."""
        keyed = {**({"Idempotency-Key": str(new_id())} if method == "POST" else {}), **(headers or {})}

        async def attempt() -> httpx2.Response:
            return await super(PatientDepartment, self).request(
                service, method, path, role=role, employee_id=employee_id, body=body, headers=keyed
            )

        return await self._until_answered(service, f"{method} {path}", attempt)

    async def push(self, source: str, event: Json, *, webhook_id: str) -> httpx2.Response:
        """Deliver a webhook until it is taken."""

        async def attempt() -> httpx2.Response:
            return await self.deliver(source, event, webhook_id=webhook_id)

        answer = await self._until_answered("handoff-bus", f"webhook {webhook_id}", attempt)
        if answer.status_code in {200, 202}:
            self.accepted.add((source, webhook_id))
        return answer

    async def _until_answered(
        self, service: str, what: str, attempt: Callable[[], Awaitable[httpx2.Response]]
    ) -> httpx2.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.attempts += 1
            try:
                async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
                    answer = await attempt()
            except (httpx2.TransportError, TimeoutError):
                self._turn_to_another(service)
            else:
                if not _comes_later(answer):
                    return answer
                if answer.status_code not in {409, 503}:
                    self.unexcused.append(f"{what}: {answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(PAUSE_SECONDS)
        raise NotAnswered(what)

    def _turn_to_another(self, service: str) -> None:
        urls = self._replicas[service]
        urls.append(urls.pop(0))
        self._clients[service].base_url = httpx2.URL(urls[0])


def _comes_later(answer: httpx2.Response) -> bool:
    """503 and every other failure of the server, and a closing that waits for its consumer."""
    return answer.status_code >= 500 or (answer.status_code == 409 and '"not_caught_up"' in answer.text)
