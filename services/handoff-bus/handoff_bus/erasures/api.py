"""Erasures over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from conveyor.contracts.values import Code, Reference
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
from handoff_bus.erasures.parties import Responsible
from handoff_bus.erasures.queries import ErasureView
from handoff_bus.erasures.request_erasure import ErasureRequest, request_erasure
from handoff_bus.erasures.rules import AskedBy, Ground, NobodyMayPurge

router = APIRouter(prefix="/erasures", tags=["erasures"])

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
