"""The room's API asked by different people: every role, every employee, several heads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from conveyor.bonuses.room import BonusRoom
from conveyor.kit.http.app import create_app
from tests.bonuses.department import Books, id_of
from tests.kit.sample_app import Issuer, calling, keys_file, sample_service

EMPLOYEES = {"Anna": "sdr", "Boris": "ae", "Clara": "ae", "Vera": "am"}


@dataclass
class Callers:
    """Asks as somebody: an employee by name, or a role with any words behind it (`head`, `head two`)."""

    client: httpx2.AsyncClient
    issuer: Issuer

    async def get(self, path: str, who: str = "head", **params: Any) -> httpx2.Response:
        return await self.client.get(f"/v1{path}", params=params, headers=self.token(who))

    async def post(self, path: str, who: str = "head", body: Any = None, **headers: str) -> httpx2.Response:
        return await self.client.post(f"/v1{path}", json=body, headers={**self.token(who), **headers})

    async def entries(self, **params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.get("/bonus-entries", limit=1000, **params)).json()["items"]
        return items

    async def close(self, *periods: str) -> None:
        for period in periods:
            answer = await self.post(f"/bonus-periods/{period}/close")
            assert answer.status_code == 200, answer.text

    def token(self, who: str) -> dict[str, str]:
        if who in EMPLOYEES:
            own = str(id_of(who))
            return self.issuer.bearer(role=EMPLOYEES[who], employee_id=own, sub=own)
        role, _, name = who.partition(" ")
        employee_id = str(id_of(name)) if name in EMPLOYEES else None
        return self.issuer.bearer(role=role, employee_id=employee_id, sub=f"local:{who}")


@asynccontextmanager
async def callers_of(books: Books, folder: Path) -> AsyncIterator[Callers]:
    """Callers of these books' API, on 10 March 2026."""
    issuer = Issuer()
    service = sample_service(keys_file(folder, issuer), database_url=books.database.url)
    room = BonusRoom(role=books.desk.role, database=service.database, settings=service.settings)
    async with calling(create_app(service=service, routers=room.routers)) as client:
        yield Callers(client, issuer)
    await service.database.close()
