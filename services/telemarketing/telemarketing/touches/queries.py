"""Reads of touches."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from telemarketing.touches.tables import Touch


async def latest_touches(session: AsyncSession, lead_id: UUID, *, touches_max: int) -> Sequence[Touch]:
    """The lead's latest touches, oldest first."""
    found = await session.scalars(
        select(Touch)
        .where(Touch.lead_id == lead_id)
        .order_by(Touch.occurred_at.desc(), Touch.touch_id.desc())
        .limit(touches_max)
    )
    return found.all()[::-1]
