"""Manual adjustments over HTTP."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints, model_validator

from conveyor.bonuses.access import Reader, visible_employee
from conveyor.bonuses.adjustments.approve_adjustment import approve_adjustment
from conveyor.bonuses.adjustments.queries import adjustments, existing_adjustment
from conveyor.bonuses.adjustments.reject_adjustment import reject_adjustment
from conveyor.bonuses.adjustments.request_adjustment import Wanted, request_adjustment
from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.bonuses.adjustments.views import AdjustmentState, AdjustmentView, adjustment_view
from conveyor.bonuses.desk import Desk
from conveyor.contracts.values import LongText, WireMoney
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery, page_of
from conveyor.kit.money import Money

Decider = Annotated[Principal, Depends(allow("head", "admin"))]
LineCode = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
Reason = Annotated[LongText, StringConstraints(min_length=1, strip_whitespace=True)]


class AdjustmentTerms(RequestModel):
    """How much, under which component or reason, and why; `earned_on` is today when it is not given."""

    amount: WireMoney
    component: LineCode | None = None
    reason_code: LineCode | None = None
    reason: Reason
    earned_on: Annotated[date | None, Field(ge=date(1900, 1, 1))] = None
    lead_id: UUID | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.component is None and self.reason_code is None:
            msg = "name the component or a reason_code"
            raise ValueError(msg)
        if not self.amount.amount.strip("-0."):
            msg = "amount must not be zero"
            raise ValueError(msg)
        return self

    def wanted(self) -> Wanted:
        """As the action takes it."""
        return Wanted(
            amount=Money.from_wire(self.amount),
            reason=self.reason,
            component=self.component,
            reason_code=self.reason_code,
            earned_on=self.earned_on,
            lead_id=self.lead_id,
        )


class AdjustmentRequest(AdjustmentTerms):
    """An adjustment of an employee's pay; with `dispute_id` it answers his dispute."""

    employee_id: UUID
    dispute_id: UUID | None = None


class RejectionRequest(RequestModel):
    """Why not."""

    reason: Reason


def router(desk: Desk) -> APIRouter:
    """`/bonus-adjustments`."""
    routes = APIRouter(prefix="/bonus-adjustments", tags=["bonus_adjustments"])
    _add_reading(routes, desk)

    @routes.post("", status_code=201)
    async def request_bonus_adjustment(body: AdjustmentRequest, principal: Decider) -> AdjustmentView:
        """Ask for an adjustment; it is posted once another person approves it."""
        return await request_adjustment(
            desk,
            employee_id=body.employee_id,
            wanted=body.wanted(),
            dispute_id=body.dispute_id,
            actor=principal.subject,
        )

    @routes.post("/{adjustment_id}/approval")
    async def approve_bonus_adjustment(adjustment_id: UUID, principal: Decider) -> AdjustmentView:
        """Approve somebody else's request about somebody else's pay: it is posted into an open month."""
        return await approve_adjustment(desk, adjustment_id=adjustment_id, principal=principal)

    @routes.post("/{adjustment_id}/rejection")
    async def reject_bonus_adjustment(
        adjustment_id: UUID, body: RejectionRequest, principal: Decider
    ) -> AdjustmentView:
        """Do not approve it, for a reason."""
        return await reject_adjustment(desk, adjustment_id=adjustment_id, reason=body.reason, principal=principal)

    return routes


def _add_reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get("")
    async def list_bonus_adjustments(
        principal: Reader,
        page: PageQuery,
        employee_id: UUID | None = None,
        state: AdjustmentState | None = None,
        dispute_id: UUID | None = None,
    ) -> Page[AdjustmentView]:
        """Adjustments in the order in which they were asked for; an employee sees his own."""
        whose = visible_employee(principal, employee_id)
        async with desk.database.reading() as session:
            found, next_cursor = await page_of(
                session,
                adjustments(employee_id=whose, state=state, dispute_id=dispute_id),
                key=[Adjustment.adjustment_id],
                page=page,
            )
        return Page(items=[adjustment_view(row) for row in found], next_cursor=next_cursor)

    @routes.get("/{adjustment_id}")
    async def get_bonus_adjustment(adjustment_id: UUID, principal: Reader) -> AdjustmentView:
        """One adjustment."""
        async with desk.database.reading() as session:
            row = await existing_adjustment(session, adjustment_id)
        visible_employee(principal, row.employee_id)
        return adjustment_view(row)
