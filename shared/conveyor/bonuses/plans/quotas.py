"""Quotas as the engine reads them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.among import among
from conveyor.bonuses.engine.norms import QuotaFact
from conveyor.bonuses.plans.tables import Quota
from conveyor.kit.money import Money


async def quotas_of(session: AsyncSession, employee_ids: Collection[UUID], period: str) -> list[QuotaFact]:
    """All revisions of these employees' quotas of a month or quarter."""
    rows = await session.scalars(select(Quota).where(among(Quota.employee_id, employee_ids), Quota.period == period))
    return [
        QuotaFact(
            employee_id=row.employee_id,
            period=row.period,
            revision=row.revision,
            amount=None if row.amount_minor is None or row.currency is None else Money(row.amount_minor, row.currency),
            count=row.count,
        )
        for row in rows
    ]
