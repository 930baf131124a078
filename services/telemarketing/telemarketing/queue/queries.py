"""Reads of call scripts."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from telemarketing.queue.answers import ScriptView
from telemarketing.queue.tables import CallScript


async def script_for(session: AsyncSession, segment: str | None) -> ScriptView:
    """The segment's script, else the default one, which the first migration brings."""
    found = await session.scalars(
        select(CallScript)
        .where(CallScript.segment.in_({segment or "", ""}))
        .order_by(CallScript.segment.desc())
        .limit(1)
    )
    script = found.one()
    return ScriptView(segment=script.segment, text=script.body)
