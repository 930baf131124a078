"""Payout batches over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field
from sqlalchemy import select

from conveyor.bonuses.access import Overseer
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.payouts.acknowledge_batch import acknowledge_batch
from conveyor.bonuses.payouts.export_batch import export_batch
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.payouts.queries import existing_batch
from conveyor.bonuses.payouts.tables import PayoutBatch
from conveyor.bonuses.payouts.views import BatchState, PayoutBatchView, batch_view
from conveyor.contracts.values import NonNegativeInt, Text, WireMoney
from conveyor.kit.calendar import Month
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.idempotency import required_idempotency_key
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery, page_of
from conveyor.payroll_file.csv_form import Dialect

Payroll = Annotated[Principal, Depends(allow("payroll"))]
BatchId = Annotated[str, Path(min_length=1, max_length=100)]

_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class PayoutBatchRequest(RequestModel):
    """Which closed month to pay out, with everything earlier that no batch holds yet."""

    period: PeriodText


class AcknowledgementRequest(RequestModel):
    """Payroll's own run, and the control totals as it read them."""

    external_run_id: Text
    lines: Annotated[NonNegativeInt, Field(strict=True)]
    totals: Annotated[tuple[WireMoney, ...], Field(max_length=200)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]


def router(desk: Desk) -> APIRouter:
    """`/payout-batches`."""
    routes = APIRouter(prefix="/payout-batches", tags=["payout_batches"])
    _add_reading(routes, desk)
    _add_paying_out(routes, desk)
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


def _add_paying_out(routes: APIRouter, desk: Desk) -> None:
    @routes.post("", status_code=201)
    async def freeze_payout_batch(
        body: PayoutBatchRequest, principal: Payroll, _key: Annotated[str, Depends(required_idempotency_key)]
    ) -> PayoutBatchView:
        """Freeze everything payable of a closed month and earlier ones into the month's batch."""
        return await freeze_batch(desk, month=Month.parse(body.period), actor=principal.subject)

    @routes.get("/{batch_id}/export", response_class=Response)
    async def export_payout_batch(
        batch_id: BatchId,
        _principal: Payroll,
        file_format: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
        dialect: Dialect = "std",
    ) -> Response:
        """The batch as a file; the same bytes every time. `dialect` concerns CSV only."""
        form = f"csv-{dialect}" if file_format == "csv" else "json"
        content = await export_batch(desk, batch_id=batch_id, form=form)
        return Response(
            content,
            media_type=_MEDIA_TYPES[file_format],
            headers={"Content-Disposition": f'attachment; filename="{_file_name(batch_id, file_format)}"'},
        )

    @routes.post("/{batch_id}/acknowledgement")
    async def acknowledge_payout_batch(
        batch_id: BatchId, body: AcknowledgementRequest, _principal: Payroll
    ) -> PayoutBatchView:
        """Take an exported batch over, repeating its control totals."""
        return await acknowledge_batch(
            desk,
            batch_id=batch_id,
            external_run_id=body.external_run_id,
            lines=body.lines,
            totals=body.totals,
            sha256=body.sha256,
        )


def _file_name(batch_id: str, file_format: str) -> str:
    # The batch exists under this id, so its characters are those that this room gave it.
    return f"{batch_id}.{file_format}"
