"""Quotas over HTTP."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, Field, model_validator

from conveyor.bonuses.access import Reader, one_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.norms import Period
from conveyor.bonuses.plans.set_quota import quota_view, set_quota
from conveyor.bonuses.plans.version_views import QuotaView
from conveyor.contracts.values import PositiveMoney
from conveyor.kit.calendar import Month, Quarter
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.etags import etag_of, revision_if_given
from conveyor.kit.http.models import RequestModel
from conveyor.kit.money import Money


def _period(text: str) -> Period:
    return Quarter.parse(text) if "Q" in text else Month.parse(text)


def _checked(text: str) -> str:
    return str(_period(text))


MonthOrQuarter = Annotated[str, AfterValidator(_checked)]
"""`2025-09` or `2025-Q3`."""


class QuotaRequest(RequestModel):
    """What the employee is asked for: a sum of payments, or a count."""

    amount: PositiveMoney | None = None
    count: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.amount is None) == (self.count is None):
            msg = "give either an amount or a count"
            raise ValueError(msg)
        return self


def router(desk: Desk) -> APIRouter:
    """`/employees/{id}/quotas`."""
    routes = APIRouter(tags=["bonus_quotas"])

    @routes.get("/employees/{employee_id}/quotas/{period}")
    async def get_quota(employee_id: UUID, period: MonthOrQuarter, principal: Reader, response: Response) -> QuotaView:
        """The quota that stands, with all its revisions."""
        whose = one_employee(principal, employee_id)
        async with desk.database.reading() as session:
            view = await quota_view(session, whose, period)
        response.headers["ETag"] = etag_of(view.revision)
        return view

    @routes.put("/employees/{employee_id}/quotas/{period}")
    async def put_quota(  # noqa: PLR0917 - what FastAPI injects
        employee_id: UUID,
        period: MonthOrQuarter,
        body: QuotaRequest,
        principal: Annotated[Principal, Depends(allow("head", "admin"))],
        response: Response,
        if_match: Annotated[int | None, Depends(revision_if_given)],
    ) -> QuotaView:
        """Set the quota; with If-Match a stale one is refused."""
        view = await set_quota(
            desk,
            employee_id=employee_id,
            period=_period(period),
            amount=None if body.amount is None else Money.from_wire(body.amount),
            count=body.count,
            actor=principal.subject,
            if_match=if_match,
        )
        response.headers["ETag"] = etag_of(view.revision)
        return view

    return routes
