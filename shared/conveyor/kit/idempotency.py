"""Idempotency-Key in the database: a key is claimed and its answer stored in the transaction that does the work.

A second request with the same key waits on the unique index until the first ends; then it gets the first answer, or,
when the first was rolled back, does the work itself.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.context import IdempotencyClaim
from conveyor.kit.refusals import Refusal

KEPT_HOURS = 72

_CLAIM = text(
    """
    INSERT INTO idempotency_keys (principal, key, request_hash, created_at) VALUES (:principal, :key, :hash, :now)
    ON CONFLICT (principal, key) DO UPDATE
        SET request_hash = excluded.request_hash, created_at = excluded.created_at, status = NULL, body = NULL
        WHERE idempotency_keys.created_at < :expired
    RETURNING TRUE
    """
)
_FIND = text("SELECT request_hash, status, body FROM idempotency_keys WHERE principal = :principal AND key = :key")
_ANSWER = text("UPDATE idempotency_keys SET status = :status, body = :body WHERE principal = :principal AND key = :key")
_FORGET = text("DELETE FROM idempotency_keys WHERE created_at < :expired")


class IdempotentReplay(Exception):
    """This request was done before: answer with `status` and the JSON text `body` (None: no content)."""

    def __init__(self, status: int, body: str | None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body

    @property
    def answer(self) -> Any:  # noqa: ANN401 - any JSON
        """The body as parsed JSON."""
        return None if self.body is None else json.loads(self.body)


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was used for another request; take a new one."""

    kind = "invalid"


async def claim(session: AsyncSession, request: IdempotencyClaim, *, now: datetime) -> None:
    """Claim the key in this transaction. Raises IdempotentReplay or IdempotencyKeyReused when it was used before."""
    who = {"principal": request.principal, "key": request.key}
    expired = now - timedelta(hours=KEPT_HOURS)
    claimed = await session.scalar(_CLAIM, who | {"hash": request.request_hash, "now": now, "expired": expired})
    if claimed:
        return
    found = (await session.execute(_FIND, who)).one()
    if found.request_hash != request.request_hash:
        raise IdempotencyKeyReused
    raise IdempotentReplay(found.status, found.body)


async def store_answer(session: AsyncSession, request: IdempotencyClaim, answer: object) -> None:
    """Keep the answer (a pydantic model; None is 204 without a body) beside the work it answers for."""
    body = None if answer is None else to_json(answer).decode()
    await session.execute(
        _ANSWER,
        {
            "principal": request.principal,
            "key": request.key,
            "status": 204 if answer is None else request.status,
            "body": body,
        },
    )


async def forget_expired(session: AsyncSession, *, now: datetime) -> None:
    """Remove keys older than 72 hours."""
    await session.execute(_FORGET, {"expired": now - timedelta(hours=KEPT_HOURS)})
