"""Erasures over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from conveyor.contracts.values import Code, Reference, Text
from conveyor.erasing.subjects import SubjectKind
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.refusals import FieldError, Invalid
from handoff_bus.bus import TheBus
from handoff_bus.erasures import queries
from handoff_bus.erasures.act import act_of
from handoff_bus.erasures.extract import ErasureExtract, extract_of
from handoff_bus.erasures.kept_records import KeptRecord
from handoff_bus.erasures.parties import Responsible
from handoff_bus.erasures.queries import ErasureView, ReapplicationView
from handoff_bus.erasures.reapply import reapply_erasures
from handoff_bus.erasures.request_erasure import ErasureRequest, request_erasure
from handoff_bus.erasures.rules import AskedBy, Ground, NobodyMayPurge

router = APIRouter(prefix="/erasures", tags=["erasures"])

RECORDS_BYTES_MAX = 4 * 1024 * 1024

Admin = Annotated[Principal, Depends(allow("admin"))]
Reader = Annotated[Principal, Depends(allow("admin", "auditor"))]


class ErasureOrder(RequestModel):
    """Whom to erase: a lead, an employee who left, or a contact of the lead `lead_id`.

    `asked_by` and `ground` go into the record; `request_number` is the number of the letter that asked for it. `names`
    are phones and e-mails of a contact as he gave them: they are no names of the lead from then on. `responsible`
    destroys the data and signs the act; without him it is the one of the settings.
    """

    kind: SubjectKind
    subject_id: UUID
    lead_id: UUID | None = None
    ground: Ground
    asked_by: AskedBy
    request_number: Code | None = None
    responsible: Responsible | None = None
    names: Annotated[list[Reference], Field(max_length=20)] = Field(default_factory=list)


class Reapplication(RequestModel):
    """Why erasures are applied again. `records` are items of `GET /v1/erasures` that the bus lost with its database."""

    reason: Text
    records: Annotated[list[KeptRecord], Field(max_length=2000)] = Field(default_factory=list)


@router.post("", status_code=202)
async def create_erasure(order: ErasureOrder, bus: TheBus, _: Admin) -> ErasureView:
    """Erase a lead or a person for good, in every service and in the stream. There is no way back.

    Ledgers, statements and the payroll files of frozen batches stay. 409 `already-erased`, `employee-still-works`,
    `nobody-may-purge`, `operator-not-configured` when the record would lack what the law asks for.
    """
    if not bus.may_purge:
        raise NobodyMayPurge
    _check(order)
    act = act_of(bus.settings, responsible=order.responsible)
    return await request_erasure(
        bus.database,
        ErasureRequest(
            kind=order.kind,
            subject_id=order.subject_id,
            lead_id=order.subject_id if order.kind == "lead" else order.lead_id,
            ground=order.ground,
            asked_by=order.asked_by,
            request_number=order.request_number,
            names=order.names,
        ),
        act,
    )


@router.post("/reapplications", status_code=202, max_body_size=RECORDS_BYTES_MAX)
async def create_reapplication(asked: Reapplication, bus: TheBus, _: Admin) -> ReapplicationView:
    """Apply every erasure of the record again, after a database was restored from an older copy; safe to repeat.

    A restored service shows nobody until it has heard them (`/readyz` says `waits_for: ["erasures"]`).
    """
    if not bus.may_purge:
        raise NobodyMayPurge
    return await reapply_erasures(bus.database, reason=asked.reason, records=asked.records)


@router.get("/reapplications")
async def list_reapplications(bus: TheBus, _: Reader, page: PageQuery) -> Page[ReapplicationView]:
    """Who had erasures applied again, when and why, oldest first."""
    async with bus.database.reading() as session:
        return await queries.list_reapplications(session, page=page)


@router.get("/reapplications/{reapplication_id}")
async def get_reapplication(reapplication_id: UUID, bus: TheBus, _: Reader) -> ReapplicationView:
    """How far it is."""
    async with bus.database.reading() as session:
        return await queries.find_reapplication(session, reapplication_id=reapplication_id)


# The record names the person who destroyed the data.
@router.get("", dependencies=[shows_people("erasure")])
async def list_erasures(bus: TheBus, _: Reader, page: PageQuery) -> Page[ErasureView]:
    """The record of all erasures, oldest first."""
    async with bus.database.reading() as session:
        return await queries.list_erasures(session, page=page)


@router.get("/{erasure_id}", dependencies=[shows_people("erasure")])
async def get_erasure(erasure_id: UUID, bus: TheBus, _: Reader) -> ErasureView:
    """One erasure: what an act of destruction has to say, and who has confirmed it."""
    async with bus.database.reading() as session:
        return await queries.find_erasure(session, erasure_id=erasure_id)


@router.get("/{erasure_id}/log-extract")
async def get_log_extract(erasure_id: UUID, bus: TheBus, _: Reader) -> ErasureExtract:
    """What the event log holds of it: the second paper that the law asks for, to be kept three years with the act."""
    async with bus.database.reading() as session:
        return await extract_of(session, erasure_id=erasure_id)


def _check(order: ErasureOrder) -> None:
    errors = []
    if (order.kind == "contact") != (order.lead_id is not None):
        errors.append(FieldError("/lead_id", "name the contact's lead, and for nobody else"))
    if order.kind != "contact" and order.names:
        errors.append(FieldError("/names", "only a contact is known by these"))
    errors += [
        FieldError(f"/names/{index}/system", "must be phone or email")
        for index, name in enumerate(order.names)
        if name.system not in {"phone", "email"}
    ]
    if errors:
        raise Invalid(errors=errors)
