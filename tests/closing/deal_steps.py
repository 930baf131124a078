"""Steps that tests of deals begin with."""

from typing import Any
from uuid import UUID

import httpx2

from conveyor.contracts.handoffs import HandoffOffered
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

SIGNED = {"number": "C-17", "signed_at": NOW.isoformat()}


async def opened(stage: StageAtWork, owner: UUID, **offer: Any) -> tuple[str, HandoffOffered]:
    """A deal that this owner accepted at once, and the offer it came from."""
    given = await stage.offer(**offer)
    accepted = await stage.accept(given.handoff_id, owner, at=offer.get("at", YESTERDAY))
    return str(accepted["deal_id"]), given


async def deal(stage: StageAtWork, deal_id: str, *, who: str = "head") -> dict[str, Any]:
    """The deal as its endpoint shows it."""
    response = await stage.call("GET", f"/deals/{deal_id}", who=who)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def etag(stage: StageAtWork, deal_id: str) -> str:
    """The deal's ETag."""
    return (await stage.call("GET", f"/deals/{deal_id}", who="head")).headers["etag"]


async def sign(stage: StageAtWork, deal_id: str, *, by: UUID, **more: Any) -> httpx2.Response:
    """Record a contract in somebody's name."""
    return await stage.call("POST", f"/deals/{deal_id}/contract", {**SIGNED, "employee_id": str(by), **more})


def refused(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def pointers(response: httpx2.Response) -> list[str]:
    """The fields that a 422 names."""
    assert response.status_code == 422, response.text
    return [error["pointer"] for error in response.json()["errors"]]
