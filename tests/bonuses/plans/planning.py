"""A stage's room over HTTP with people who plan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.plans.advance_replay import advance_replay
from conveyor.bonuses.room import BonusRoom
from conveyor.kit.http.app import create_app
from tests.bonuses.department import Books
from tests.kit.sample_app import Issuer, calling, keys_file, sample_service

RUB = "RUB"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": RUB}


def percent(code: str = "first_payment", rate: Any = "0.12", **terms: Any) -> dict[str, Any]:
    selector = {"by": "paying_month", "which": "first"}
    return {"kind": "percent_of_payment", "code": code, "rate": rate, "selector": selector, **terms}


def draft(*components: dict[str, Any], effective_from: str = "2025-10-01", **terms: Any) -> dict[str, Any]:
    return {"effective_from": effective_from, "components": list(components) or [percent()], **terms}


@dataclass
class Planner:
    """Asks the API as one of several people; replays run when told to."""

    client: httpx2.AsyncClient
    issuer: Issuer
    room: BonusRoom
    books: Books

    async def post(self, path: str, json: Any = None, *, who: str = "author", role: str = "head") -> httpx2.Response:
        return await self.client.post(f"/v1{path}", json=json, headers=self._token(who, role))

    async def put(self, path: str, json: Any, *, role: str = "head", **headers: str) -> httpx2.Response:
        return await self.client.put(f"/v1{path}", json=json, headers={**self._token("author", role), **headers})

    async def get(self, path: str, *, role: str = "head", **params: Any) -> Any:
        return await self.client.get(f"/v1{path}", params=params, headers=self._token("reader", role))

    async def drafted(self, code: str, **terms: Any) -> str:
        """The path of a new draft."""
        answer = await self.post(f"/bonus-plans/{code}/versions", draft(**terms) if terms else draft())
        assert answer.status_code == 201, answer.text
        return f"/bonus-plans/{code}/versions/{answer.json()['version']}"

    async def replayed(self, path: str, **range_: Any) -> dict[str, Any]:
        """The result of a replay that was played to its end."""
        asked = await self.post(f"{path}/replay", range_ or {"last_months": 3})
        assert asked.status_code == 202, asked.text
        while await advance_replay(self.room.desk):
            pass
        answer = await self.get(f"{path}/replays/{asked.json()['id']}")
        found: dict[str, Any] = answer.json()
        return found

    async def published(self, path: str, *, who: str = "approver", warnings: tuple[str, ...] = ()) -> httpx2.Response:
        return await self.post(f"{path}/publication", {"acknowledged_warnings": list(warnings)}, who=who)

    def _token(self, who: str, role: str) -> dict[str, str]:
        return self.issuer.bearer(role=role, sub=who)


@asynccontextmanager
async def planning(books: Books, role: BonusRole, tmp_path: Path) -> AsyncIterator[Planner]:
    """The room of these books, listening to nobody."""
    issuer = Issuer()
    service = sample_service(keys_file(tmp_path, issuer), database_url=books.database.url)
    room = BonusRoom(role=role, database=service.database, settings=service.settings)
    async with calling(create_app(service=service, routers=room.routers)) as client:
        yield Planner(client, issuer, room, books)
    await service.database.close()
