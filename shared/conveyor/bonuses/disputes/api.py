"""Disputes over HTTP."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import StringConstraints, model_validator

from conveyor.bonuses.access import EMPLOYEES, Employed, Reader, one_employee, visible_employee
from conveyor.bonuses.adjustments.api import AdjustmentTerms, Decider
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.disputes.queries import disputes, existing_dispute, summary_of, view_of
from conveyor.bonuses.disputes.raise_dispute import Subject, raise_dispute
from conveyor.bonuses.disputes.resolve_dispute import resolve_dispute
from conveyor.bonuses.disputes.tables import Dispute
from conveyor.bonuses.disputes.views import DisputeState, DisputeSummary, DisputeView
from conveyor.bonuses.disputes.write_message import write_message
from conveyor.bonuses.ledger.queries import find_entry
from conveyor.bonuses.months import PeriodText
from conveyor.contracts.values import Code, LongText, Text
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery, page_of
from conveyor.kit.refusals import NotFound

Participant = Annotated[Principal, Depends(allow(*EMPLOYEES, "head", "admin"))]
Words = Annotated[LongText, StringConstraints(min_length=1, strip_whitespace=True)]


class DisputeRequest(RequestModel):
    """What is wrong with the entry."""

    text: Words


class MissingLineRequest(RequestModel):
    """Which line is missing in which month, as much of it as you know, and why it should be there."""

    period: PeriodText
    component: Code | None = None
    cause_id: Text | None = None
    lead_id: UUID | None = None
    text: Words


class MessageRequest(RequestModel):
    """One message."""

    text: Words


class ResolutionRequest(RequestModel):
    """The outcome and its reason; what is upheld may bring the adjustment that it leads to."""

    outcome: Literal["upheld", "rejected"]
    reason: Words
    adjustment: AdjustmentTerms | None = None

    @model_validator(mode="after")
    def _only_what_is_upheld_is_adjusted(self) -> Self:
        if self.adjustment is not None and self.outcome == "rejected":
            msg = "a rejected dispute leads to no adjustment"
            raise ValueError(msg)
        return self


def router(desk: Desk) -> APIRouter:
    """`/disputes`, and disputing an entry."""
    routes = APIRouter(tags=["disputes"])
    _add_reading(routes, desk)
    _add_raising(routes, desk)

    @routes.post("/disputes/{dispute_id}/messages", status_code=201)
    async def write_dispute_message(dispute_id: UUID, body: MessageRequest, principal: Participant) -> DisputeView:
        """Write into the thread, as its employee or as the head."""
        return await write_message(desk, dispute_id=dispute_id, text=body.text, principal=principal)

    @routes.post("/disputes/{dispute_id}/resolution")
    async def resolve_bonus_dispute(dispute_id: UUID, body: ResolutionRequest, principal: Decider) -> DisputeView:
        """Uphold or reject the dispute for a reason."""
        return await resolve_dispute(
            desk,
            dispute_id=dispute_id,
            outcome=body.outcome,
            reason=body.reason,
            adjustment=None if body.adjustment is None else body.adjustment.wanted(),
            principal=principal,
        )

    return routes


def _add_raising(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/bonus-entries/{entry_id}/dispute", status_code=201, tags=["bonus_entries"])
    async def dispute_entry(entry_id: UUID, body: DisputeRequest, principal: Employed) -> DisputeView:
        """Dispute one of your own entries."""
        async with desk.database.reading() as session:
            entry = await find_entry(session, entry_id)
        if entry is None or entry.employee_id != one_employee(principal, None):
            raise NotFound
        subject = Subject(
            employee_id=entry.employee_id,
            period=entry.period,
            entry_id=entry_id,
            component=entry.component,
            cause_id=entry.cause_id,
            lead_id=entry.lead_id,
        )
        return await raise_dispute(desk, subject=subject, text=body.text, principal=principal)

    @routes.post("/disputes", status_code=201)
    async def dispute_missing_line(body: MissingLineRequest, principal: Employed) -> DisputeView:
        """Say that a line is missing from one of your months."""
        subject = Subject(
            employee_id=one_employee(principal, None),
            period=body.period,
            component=body.component,
            cause_id=body.cause_id,
            lead_id=body.lead_id,
        )
        return await raise_dispute(desk, subject=subject, text=body.text, principal=principal)


def _add_reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/disputes")
    async def list_disputes(
        principal: Reader,
        page: PageQuery,
        state: DisputeState | None = None,
        employee_id: UUID | None = None,
        period: PeriodText | None = None,
    ) -> Page[DisputeSummary]:
        """Disputes in the order in which they were raised; an employee sees his own."""
        whose = visible_employee(principal, employee_id)
        async with desk.database.reading() as session:
            found, next_cursor = await page_of(
                session,
                disputes(employee_id=whose, state=state, period=period),
                key=[Dispute.dispute_id],
                page=page,
            )
        return Page(items=[summary_of(dispute) for dispute in found], next_cursor=next_cursor)

    @routes.get("/disputes/{dispute_id}")
    async def get_dispute(dispute_id: UUID, principal: Reader) -> DisputeView:
        """One dispute with its thread."""
        async with desk.database.reading() as session:
            dispute = await existing_dispute(session, dispute_id)
            visible_employee(principal, dispute.employee_id)
            return await view_of(session, dispute)
