"""The file for payroll over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.downloads import download
from conveyor.kit.http.routing import REFUSED_BY_A_RULE
from conveyor.payroll_file.csv_form import Dialect
from conveyor.payroll_file.forms import DOWNLOAD, FileFormat, ProfileName, wanted_file
from handoff_bus.bus import TheBus
from handoff_bus.payroll.export_payroll import content_of
from handoff_bus.payroll.export_payroll import export_payroll as write_payroll
from handoff_bus.payroll.queries import PayrollView, payroll_status

router = APIRouter(prefix="/payroll", tags=["payroll"])

Reader = Annotated[Principal, Depends(allow("payroll", "admin", "head", "auditor"))]
Period = Annotated[str, Path(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="A month, e.g. 2025-09.")]


@router.get("/{period}")
async def get_payroll(period: Period, bus: TheBus, _: Reader) -> PayrollView:
    """Which services' batches of the period are here."""
    async with bus.database.reading() as session:
        return await payroll_status(session, period=period)


@router.get("/{period}/export", response_class=StreamingResponse, responses={200: DOWNLOAD, **REFUSED_BY_A_RULE})
async def export_payroll(
    *,
    period: Period,
    bus: TheBus,
    _: Reader,
    form: Annotated[FileFormat, Query(alias="format")] = "csv",
    dialect: Dialect = "std",
    profile: ProfileName | None = None,
) -> StreamingResponse:
    """One file over the three services' batches, the same bytes every time.

    409 `payroll-incomplete` names the services whose batch is not there yet in `services`. `dialect` is CSV's.
    `profile` gives the columns of a payroll program; what it cannot take is refused with 409 naming row and field.
    """
    wanted = wanted_file(file_format=form, dialect=dialect, profile=profile)
    file = await write_payroll(bus.database, period=period, wanted=wanted)
    return download(
        content_of(bus.database, file),
        media_type=wanted.media_type,
        file_name=wanted.file_name(f"payroll-{period}"),
        sha256=file.sha256,
        size_bytes=file.size_bytes,
    )
