"""The trail over HTTP, for those who watch over personal data."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select

from conveyor.kit.access.tables import PersonalDataRead
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import AnswerModel, BusinessInstant
from conveyor.kit.http.pagination import Page, PageQuery, page_of

router = APIRouter(prefix="/personal-data-reads", tags=["personal-data-reads"])


class PersonalDataReadView(AnswerModel):
    """Who was shown something about whom: `subject` is the kind of `subject_ids`, `operation` the API operation."""

    read_no: int
    read_at: datetime
    actor: str
    role: str
    operation: str
    subject: str
    subject_ids: list[UUID]
    request_id: str | None


@router.get("")
async def list_personal_data_reads(
    *,
    request: Request,
    _: Annotated[Principal, Depends(allow("admin", "auditor"))],
    page: PageQuery,
    actor: Annotated[str | None, Query(max_length=300, description="`employee:<id>` or `<role>:<subject>`")] = None,
    subject_id: UUID | None = None,
    operation: Annotated[str | None, Query(max_length=200)] = None,
    read_from: Annotated[BusinessInstant | None, Query(alias="from")] = None,
    until: BusinessInstant | None = None,
) -> Page[PersonalDataReadView]:
    """Reads of personal data in this service, oldest first; times are half-open."""
    table = PersonalDataRead
    statement = select(table)
    if actor is not None:
        statement = statement.where(table.actor == actor)
    if subject_id is not None:
        statement = statement.where(table.subject_ids.contains([subject_id]))
    if operation is not None:
        statement = statement.where(table.operation == operation)
    if read_from is not None:
        statement = statement.where(table.read_at >= read_from)
    if until is not None:
        statement = statement.where(table.read_at < until)
    database: Database = request.app.state.service.database
    async with database.reading() as session:
        rows, cursor = await page_of(session, statement, key=[table.read_no], page=page)
    return Page[PersonalDataReadView](
        items=[PersonalDataReadView.model_validate(row) for row in rows], next_cursor=cursor
    )
