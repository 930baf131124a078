"""The file for payroll over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from conveyor.kit.http.auth import Principal, allow
from conveyor.payroll_file.csv_form import Dialect
from handoff_bus.bus import TheBus
from handoff_bus.payroll.queries import FileFormat, PayrollView, payroll_file, payroll_status

router = APIRouter(prefix="/payroll", tags=["payroll"])

Reader = Annotated[Principal, Depends(allow("payroll", "admin", "head", "auditor"))]
Period = Annotated[str, Path(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="A month, e.g. 2025-09.")]
_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@router.get("/{period}")
async def get_payroll(period: Period, bus: TheBus, _: Reader) -> PayrollView:
    """Which services' batches of the period are here."""
    async with bus.database.reading() as session:
        return await payroll_status(session, period=period)


@router.get(
    "/{period}/export",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, "application/json": {}}, "description": "The file."}},
)
async def export_payroll(
    *,
    period: Period,
    bus: TheBus,
    _: Reader,
    form: Annotated[FileFormat, Query(alias="format")] = "csv",
    dialect: Dialect = "std",
) -> Response:
    """One file over the three services' batches, the same bytes every time.

    409 `payroll-incomplete` names the services whose batch is not there yet in `services`. `dialect` is CSV's.
    """
    async with bus.database.reading() as session:
        content = await payroll_file(session, period=period, form=form, dialect=dialect)
    name = f"payroll-{period}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_MEDIA_TYPES[form], headers=headers)
