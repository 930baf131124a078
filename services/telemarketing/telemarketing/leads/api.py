"""Leads over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, UploadFile
from pydantic import Field

from conveyor.contracts.values import Company, Contact, IdentifiedContact, Mechanics, Reference, Text
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, acting_employee, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.models import BusinessInstant, RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from telemarketing.history.answers import LeadWithHistory
from telemarketing.history.queries import lead_with_history
from telemarketing.leads.answers import LeadsImported, LeadView
from telemarketing.leads.change_owner import ChangeOwner, change_owner
from telemarketing.leads.correct_lead import CorrectLead, NamedContact, correct_lead
from telemarketing.leads.import_leads import import_leads
from telemarketing.leads.queries import leads_seen_by, list_leads, seen_lead
from telemarketing.leads.record_lead import RecordLead, record_lead
from telemarketing.leads.rules import LeadDraft, all_references, check_references
from telemarketing.standing.rules import LeadState
from telemarketing.wiring import DeskHere, caller_of

router = APIRouter(tags=["leads"])

Reader = Annotated[Principal, Depends(allow("sdr", "head", "marketing", "auditor", "admin", "integration"))]
Recorder = Annotated[Principal, Depends(allow("sdr", "head", "marketing", "admin", "integration"))]
Assigner = Annotated[Principal, Depends(allow("head", "admin", "integration"))]

IMPORT_BYTES_MAX = 4 * 1024 * 1024

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BYTES = {"schema": {"type": "string", "format": "binary"}}


class LeadToRecord(RequestModel):
    """A lead of the target base. `employee_id`: who recorded it, only from other systems."""

    company: Company
    contacts: Annotated[tuple[Contact, ...], Field(max_length=50)] = ()
    channel: Text
    campaign: Text | None = None
    mechanics: Mechanics
    segment: Text | None = None
    references: Annotated[tuple[Reference, ...], Field(max_length=50)] = ()
    owner_id: UUID | None = None
    employee_id: UUID | None = None
    occurred_at: BusinessInstant | None = None

    def draft(self) -> LeadDraft:
        """The lead under a new id, with every reference that it has."""
        check_references(self.references)
        return LeadDraft(
            lead_id=new_id(),
            company=self.company,
            contacts=tuple(IdentifiedContact(contact_id=new_id(), **one.model_dump()) for one in self.contacts),
            channel=self.channel,
            campaign=self.campaign,
            mechanics=self.mechanics,
            segment=self.segment,
            references=all_references(company=self.company, contacts=self.contacts, references=self.references),
        )


class ContactToKeep(RequestModel):
    """A contact of the corrected list; without `contact_id` it is a new one."""

    contact_id: UUID | None = None
    name: Text
    position: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    role: Text | None = None
    influence: Text | None = None


class LeadCorrection(RequestModel):
    """What to correct; fields that are left out stay. Company and contacts replace, references are added."""

    company: Company | None = None
    contacts: Annotated[tuple[ContactToKeep, ...], Field(max_length=50)] | None = None
    channel: Text = ""
    campaign: Text | None = None
    mechanics: Mechanics = "cold"
    segment: Text | None = None
    references: Annotated[tuple[Reference, ...], Field(max_length=50)] = ()


class OwnerToSet(RequestModel):
    """From `from` (now when left out) on the lead is `employee_id`'s; nobody's when null."""

    employee_id: UUID | None
    from_at: BusinessInstant | None = Field(default=None, alias="from")


@router.post("/leads", status_code=201, operation_id="leads_record_lead")
async def post_lead(body: LeadToRecord, desk: DeskHere, principal: Recorder, response: Response) -> LeadView:
    """Record a lead. An SDR may own it himself or leave it to the queue."""
    view = await record_lead(
        desk,
        caller=caller_of(principal),
        command=RecordLead(
            draft=body.draft(),
            owner_id=body.owner_id,
            recorded_by=_recorder(principal, body.employee_id),
            occurred_at=body.occurred_at,
        ),
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.get("/leads", operation_id="leads_list_leads", dependencies=[shows_people("lead")])
async def get_leads(
    *,
    desk: DeskHere,
    principal: Reader,
    page: PageQuery,
    lead_id: UUID | None = None,
    employee_id: UUID | None = None,
    state: LeadState | None = None,
) -> Page[LeadView]:
    """Leads by owner (`employee_id`) and state. An SDR gets his own and those of nobody."""
    seen = leads_seen_by(role=principal.role, employee_id=principal.employee_id)
    async with desk.database.reading() as session:
        return await list_leads(session, seen=seen, lead_id=lead_id, owner_id=employee_id, state=state, page=page)


@router.get("/leads/{lead_id}", operation_id="leads_read_lead", dependencies=[shows_people("lead")])
async def get_lead(lead_id: UUID, desk: DeskHere, principal: Reader, response: Response) -> LeadWithHistory:
    """A lead with everything that happened to it. A peer's lead is 404."""
    async with desk.database.reading() as session:
        lead = await seen_lead(session, lead_id=lead_id, role=principal.role, employee_id=principal.employee_id)
        response.headers["ETag"] = etag_of(lead.revision)
        return await lead_with_history(session, lead)


@router.patch("/leads/{lead_id}", operation_id="leads_correct_lead")
async def patch_lead(
    *, lead_id: UUID, body: LeadCorrection, principal: Recorder, revision: IfMatch, desk: DeskHere, response: Response
) -> LeadView:
    """Correct what is known of a lead."""
    check_references(body.references)
    plain = ("channel", "campaign", "mechanics", "segment")
    view = await correct_lead(
        desk,
        caller=caller_of(principal),
        command=CorrectLead(
            lead_id=lead_id,
            revision=revision,
            changes={name: getattr(body, name) for name in plain if name in body.model_fields_set},
            company=body.company,
            contacts=None if body.contacts is None else tuple(_named(contact) for contact in body.contacts),
            references=body.references,
        ),
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.put("/leads/{lead_id}/owner", operation_id="leads_change_owner")
async def put_owner(
    *, lead_id: UUID, body: OwnerToSet, principal: Assigner, revision: IfMatch, desk: DeskHere, response: Response
) -> LeadView:
    """Give the lead to somebody, or back to the queue."""
    view = await change_owner(
        desk,
        caller=caller_of(principal),
        command=ChangeOwner(lead_id=lead_id, revision=revision, employee_id=body.employee_id, from_at=body.from_at),
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.post(
    "/leads/import",
    status_code=201,
    operation_id="leads_import_leads",
    max_body_size=IMPORT_BYTES_MAX,
    openapi_extra={"requestBody": {"content": {"text/csv": _BYTES, _XLSX: _BYTES}}},
)
async def post_import(
    request: Request, desk: DeskHere, principal: Recorder, file: UploadFile | None = None
) -> LeadsImported:
    """Import a CSV file (UTF-8; comma or semicolon) or the first sheet of an XLSX workbook: every row, or none.

    The file is the part `file` of a form or the body itself. The columns are in README.md.
    """
    del principal  # the guard is all that is needed of him
    return await import_leads(desk, content=await _content_of(request, file))


def _recorder(principal: Principal, named: UUID | None) -> UUID | None:
    """Who recorded the lead: nobody where the token names no employee, as head's and marketing's may."""
    return principal.employee_id if named is None else acting_employee(principal, named)


async def _content_of(request: Request, file: UploadFile | None) -> bytes:
    if file is not None:
        return await file.read()
    is_form = "form" in request.headers.get("content-type", "")
    content = b"" if is_form else await request.body()
    if not content:
        raise Invalid.field(pointer="/file", message="This field is required")
    return content


def _named(contact: ContactToKeep) -> NamedContact:
    return NamedContact(contact_id=contact.contact_id, contact=Contact(**contact.model_dump(exclude={"contact_id"})))
