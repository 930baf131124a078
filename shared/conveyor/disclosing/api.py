"""Disclosures over HTTP: what this service keeps of a lead with all its people, of one contact, of an employee."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.disclosing import messages
from conveyor.disclosing.disclose import DisclosedSubject, Disclosure, disclose
from conveyor.disclosing.kept import Kept, KeptOf, joined
from conveyor.erasing.subjects import Subject
from conveyor.kit.access.shows import shows_people
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import PageQuery, PageRequest
from conveyor.kit.service import Service

Admin = Annotated[Principal, Depends(allow("admin"))]


def disclosure_router(service: Service, *rooms: KeptOf) -> APIRouter:
    """Everything that these rooms keep, and every service: one address for each kind of subject.

    Each answers with pages. 404 when nothing is kept of him here; of somebody who was erased what is left is given.
    """
    kept = joined(*rooms, messages.KEPT)
    router = APIRouter(prefix="/personal-data", tags=["personal-data"])

    @router.get("/leads/{lead_id}", dependencies=[shows_people("lead", field="lead_id")])
    async def get_lead_disclosure(lead_id: UUID, _: Admin, page: PageQuery) -> Disclosure:
        """Everything that this service keeps of a lead and all its people, and of nobody else."""
        return await _disclosed(service, Subject("lead", lead_id, lead_id), kept["lead"], page)

    @router.get("/leads/{lead_id}/contacts/{contact_id}", dependencies=[shows_people("contact", field="contact_id")])
    async def get_contact_disclosure(lead_id: UUID, contact_id: UUID, _: Admin, page: PageQuery) -> Disclosure:
        """Everything that this service keeps of one contact of a lead; of words about the lead where they stand."""
        return await _disclosed(service, Subject("contact", contact_id, lead_id), kept["contact"], page)

    @router.get("/employees/{employee_id}", dependencies=[shows_people("employee", field="employee_id")])
    async def get_employee_disclosure(employee_id: UUID, _: Admin, page: PageQuery) -> Disclosure:
        """Everything that this service keeps of an employee: his record, his calls, his pay and what it rests on."""
        return await _disclosed(service, Subject("employee", employee_id, None), kept["employee"], page)

    return router


async def _disclosed(service: Service, subject: Subject, kept: Sequence[Kept], page: PageRequest) -> Disclosure:
    async with service.database.reading() as session:
        parts, cursor = await disclose(session, subject, kept, page=page)
    return Disclosure(
        subject=DisclosedSubject(kind=subject.kind, id=subject.subject_id),
        service=service.settings.service,
        as_of=service.clock.now(),
        parts=parts,
        next_cursor=cursor,
    )
