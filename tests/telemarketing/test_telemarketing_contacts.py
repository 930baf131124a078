"""Which phones and e-mails of a lead are one contact's: what he is given of them, and what goes when he is erased."""

from typing import Any
from uuid import UUID

import pytest

from conveyor.disclosing.disclose import disclose
from conveyor.erasing.erase_here import erase_here
from conveyor.erasing.subjects import Subject
from conveyor.kit.http.pagination import PageRequest
from tests.disclosing.services import KEPT, STEPS
from tests.telemarketing.line import Line, lead_named

OFFICE = {"system": "email", "value": "office@r.example"}


async def lead_of(line: Line, *contacts: dict[str, Any]) -> tuple[dict[str, Any], Subject]:
    """A lead that also has the office's address, and its first contact as a subject."""
    lead = await line.record(lead_named("Ромашка", contacts=contacts, references=[OFFICE]))
    return lead, Subject("contact", UUID(lead["contacts"][0]["contact_id"]), UUID(lead["id"]))


async def given(line: Line, subject: Subject) -> set[str]:
    async with line.service.database.reading() as session:
        parts, _ = await disclose(session, subject, KEPT["telemarketing"]["contact"], page=PageRequest())
    names = [row.values["value"] for part in parts if part.name.endswith("references") for row in part.rows]
    return {str(name) for name in names if name is not None}


async def left(line: Line, subject: Subject) -> set[str]:
    async with line.service.database.transaction() as tx:
        await erase_here(tx, subject, STEPS["telemarketing"])
        await tx.commit()
    return {one["value"] for one in (await line.read(str(subject.lead_id)))["references"]}


@pytest.mark.parametrize("phone", ["уточнить", "доб. 12"])
async def test_a_phone_that_is_no_number_makes_nobody_elses_address_his(line: Line, phone: str) -> None:
    others = {"name": "Пётр", "email": "12@r.example"}
    _, subject = await lead_of(line, {"name": "Ольга", "phone": phone, "email": "O@r.example"}, others)

    assert await given(line, subject) == {"O@r.example"}
    assert await left(line, subject) == {"office@r.example", "12@r.example"}


async def test_a_number_that_another_contact_has_in_another_spelling_stays(line: Line) -> None:
    _, subject = await lead_of(
        line, {"name": "Ольга", "phone": "8 (495) 000-00-01"}, {"name": "Пётр", "phone": "+74950000001"}
    )

    assert await given(line, subject) == {"8 (495) 000-00-01"}
    assert await left(line, subject) == {"office@r.example", "8 (495) 000-00-01"}
