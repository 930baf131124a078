"""The floor of each kind takes what its sender sends, and refuses the same with a value of another type or none."""

from datetime import UTC, datetime

import httpx2
import pytest
from fastapi import FastAPI

from bench.senders.every_kind import SENDERS
from bench.senders.sending import Order, Sent
from bench.typed_floors import add_typed_floors


@pytest.fixture(scope="module")
def floor() -> FastAPI:
    made = FastAPI()
    add_typed_floors(made)
    return made


async def _status(floor: FastAPI, kind: str, sent: Sent) -> int:
    transport = httpx2.ASGITransport(floor, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://floor") as client:
        answer = await client.post(f"/typed/{kind}", content=sent.body, headers=dict(sent.headers))
    return answer.status_code


@pytest.mark.parametrize("kind", SENDERS)
async def test_a_floor_validates_the_body_of_its_kind(floor: FastAPI, kind: str) -> None:
    sender = SENDERS[kind]
    at = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
    sent = [sender.send(Order(sender.secrets[0], number, at, "http://floor")) for number in (2, 31_000)]
    cut = sent[0].body.replace(b"id", b"xx").replace(b"Id", b"xx").replace(b"ID", b"xx")

    assert [await _status(floor, kind, one) for one in sent] == [202, 202]
    assert await _status(floor, kind, Sent(cut, sent[0].headers)) == 422
