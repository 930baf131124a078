"""Checking the chain: numbers without a gap, each entry's hash over its fields, each joined to the one before."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.ledger.append import Head
from conveyor.bonuses.ledger.chain import GENESIS, hash_of
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.ledger.views import VerificationView

_AT_ONCE = 2_000


def problem_of(entry: dict[str, Any], *, before: Head) -> str | None:
    """What is wrong with an entry that follows `before`; None when nothing is. Pure."""
    if entry["journal_no"] != before.journal_no + 1:
        return f"entry {before.journal_no + 1} is missing"
    if entry["prev_hash"] != before.hash:
        return "it is not joined to the entry before"
    if entry["hash"] != hash_of(entry):
        return "its fields do not give its hash"
    return None


async def verify_chain(session: AsyncSession) -> VerificationView:
    """Read the whole journal in portions and check it up to the first broken entry."""
    columns = BonusEntry.__table__.columns
    before = Head(0, GENESIS)
    while True:
        rows = (
            await session.execute(
                select(*columns)
                .where(BonusEntry.journal_no > before.journal_no)
                .order_by(BonusEntry.journal_no)
                .limit(_AT_ONCE)
            )
        ).mappings()
        seen = before.journal_no
        for row in rows:
            problem = problem_of(dict(row), before=before)
            if problem is not None:
                return _view(before, first_broken=before.journal_no + 1, problem=problem)
            before = Head(row["journal_no"], row["hash"])
        if before.journal_no == seen:
            return _view(before)


def _view(head: Head, *, first_broken: int | None = None, problem: str | None = None) -> VerificationView:
    return VerificationView(
        valid=problem is None,
        entries=head.journal_no,
        watermark=head.journal_no,
        chain_head=head.hash,
        first_broken=first_broken,
        problem=problem,
    )
