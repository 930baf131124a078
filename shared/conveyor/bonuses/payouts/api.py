"""Payout batches over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from conveyor.bonuses.access import Overseer
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.payouts.acknowledge_batch import acknowledge_batch
from conveyor.bonuses.payouts.export_batch import export_batch
from conveyor.bonuses.payouts.files import content_of
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.payouts.pay_batch import pay_batch
from conveyor.bonuses.payouts.queries import existing_batch, rejected_lines_of
from conveyor.bonuses.payouts.reject_batch import reject_batch
from conveyor.bonuses.payouts.reject_lines import reject_lines
from conveyor.bonuses.payouts.requests import (
    LINES_MAX,
    AcknowledgementRequest,
    PaymentRequest,
    PayoutBatchRequest,
    RejectedLinesRequest,
    RejectionRequest,
)
from conveyor.bonuses.payouts.rules import BatchState
from conveyor.bonuses.payouts.tables import PayoutBatch
from conveyor.bonuses.payouts.views import PayoutBatchView, RejectedLinesView, batch_view
from conveyor.kit.calendar import Month
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.downloads import download
from conveyor.kit.http.idempotency import required_idempotency_key
from conveyor.kit.http.pagination import Page, PageQuery, page_of
from conveyor.kit.http.routing import REFUSED_BY_A_RULE
from conveyor.payroll_file.csv_form import Dialect
from conveyor.payroll_file.forms import DOWNLOAD, FileFormat, ProfileName, wanted_file

Payroll = Annotated[Principal, Depends(allow("payroll"))]
BatchId = Annotated[str, Path(min_length=1, max_length=100)]


def router(desk: Desk) -> APIRouter:
    """`/payout-batches`."""
    routes = APIRouter(prefix="/payout-batches", tags=["payout_batches"])
    _add_reading(routes, desk)
    _add_making(routes, desk)
    _add_answers_of_payroll(routes, desk)
    return routes


def _add_reading(routes: APIRouter, desk: Desk) -> None:
    @routes.get("")
    async def list_payout_batches(
        _principal: Overseer, page: PageQuery, period: PeriodText | None = None, state: BatchState | None = None
    ) -> Page[PayoutBatchView]:
        """Batches by period and number."""
        statement = select(PayoutBatch)
        if period is not None:
            statement = statement.where(PayoutBatch.period == period)
        if state is not None:
            statement = statement.where(PayoutBatch.state == state)
        async with desk.database.reading() as session:
            found, next_cursor = await page_of(
                session, statement, key=[PayoutBatch.__table__.c.period, PayoutBatch.__table__.c.number], page=page
            )
        return Page(items=[batch_view(batch, role=desk.role) for batch in found], next_cursor=next_cursor)

    @routes.get("/{batch_id}")
    async def get_payout_batch(batch_id: BatchId, _principal: Overseer) -> PayoutBatchView:
        """One batch, with who was carried forward."""
        async with desk.database.reading() as session:
            return batch_view(await existing_batch(session, batch_id), role=desk.role)

    @routes.get("/{batch_id}/rejected-lines")
    async def list_rejected_lines(batch_id: BatchId, _principal: Overseer) -> RejectedLinesView:
        """The rows that payroll could not pay, the first 1,000 in file order."""
        async with desk.database.reading() as session:
            batch = await existing_batch(session, batch_id)
            lines = await rejected_lines_of(session, batch_id, limit=LINES_MAX)
        return RejectedLinesView(batch=batch_view(batch, role=desk.role), lines=lines)


def _add_making(routes: APIRouter, desk: Desk) -> None:
    @routes.post("", status_code=201)
    async def freeze_payout_batch(
        body: PayoutBatchRequest, principal: Payroll, _key: Annotated[str, Depends(required_idempotency_key)]
    ) -> PayoutBatchView:
        """Freeze everything payable of a closed month and earlier ones into the month's batch."""
        return await freeze_batch(desk, month=Month.parse(body.period), actor=principal.subject)

    @routes.get("/{batch_id}/export", response_class=StreamingResponse, responses={200: DOWNLOAD, **REFUSED_BY_A_RULE})
    async def export_payout_batch(
        batch_id: BatchId,
        _principal: Payroll,
        file_format: Annotated[FileFormat, Query(alias="format")] = "csv",
        dialect: Dialect = "std",
        profile: ProfileName | None = None,
    ) -> StreamingResponse:
        """The batch as a file; the same bytes every time. `dialect` concerns CSV only.

        `profile` gives the columns of a payroll program. What it cannot take (a letter outside its encoding, a number
        that is none) is refused with 409 naming row and field; nothing is exported then.
        """
        wanted = wanted_file(file_format=file_format, dialect=dialect, profile=profile)
        file = await export_batch(desk, batch_id=batch_id, wanted=wanted)
        return download(
            content_of(desk.database, file),
            media_type=wanted.media_type,
            file_name=wanted.file_name(batch_id),
            sha256=file.sha256,
            size_bytes=file.size_bytes,
        )


def _add_answers_of_payroll(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/{batch_id}/acknowledgement")
    async def acknowledge_payout_batch(
        batch_id: BatchId, body: AcknowledgementRequest, principal: Payroll
    ) -> PayoutBatchView:
        """Take an exported batch over, repeating its control totals, naming the lines that cannot be paid."""
        return await acknowledge_batch(
            desk,
            batch_id=batch_id,
            external_run_id=body.external_run_id,
            lines=body.lines,
            totals=body.totals,
            sha256=body.sha256,
            rejected_lines=[line.as_input() for line in body.rejected_lines],
            actor=principal.subject,
        )

    @routes.post("/{batch_id}/rejected-lines")
    async def reject_payout_lines(
        batch_id: BatchId, body: RejectedLinesRequest, principal: Payroll
    ) -> RejectedLinesView:
        """Send lines of an exported or acknowledged batch back: their entries go into the next batch."""
        lines = [line.as_input() for line in body.lines]
        return await reject_lines(desk, batch_id=batch_id, lines=lines, actor=principal.subject)

    @routes.post("/{batch_id}/payment")
    async def pay_payout_batch(
        batch_id: BatchId, _principal: Payroll, body: PaymentRequest | None = None
    ) -> PayoutBatchView:
        """Say that an acknowledged batch is paid."""
        return await pay_batch(desk, batch_id=batch_id, paid_on=body.paid_on if body else None)

    @routes.post("/{batch_id}/rejection")
    async def reject_payout_batch(batch_id: BatchId, body: RejectionRequest, _principal: Payroll) -> PayoutBatchView:
        """Reject a whole batch that is not paid: the period's next one takes its entries."""
        return await reject_batch(desk, batch_id=batch_id, reason=body.reason)
