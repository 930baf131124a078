"""Names that are forgotten change nobody's pay: a payment stays with the deal whose contract it named."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from conveyor.bonuses.facts.erasing import STEPS
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.contracts.closing import ContractSigned, DealOpened
from conveyor.contracts.values import Reference
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.messaging.events import Event
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Telling, at, id_of
from tests.bonuses.old_clients import department, posted_by_the_whole_way

NAMES = {
    "lead": Reference(system="inn", value="7707083893"),
    "contact": Reference(system="phone", value="79057770101"),
}


def _second_deal() -> Telling:
    told = Telling()
    deal = {"lead_id": id_of("L1"), "deal_id": id_of("second deal"), "employee_id": id_of("Boris")}
    opened = DealOpened.model_validate({**deal, "handoff_id": id_of("second handoff")})
    told.say(opened, "2025-01-14 10:00", service="closing")
    signed = ContractSigned.model_validate({**deal, "number": "C-later", "signed_at": at("2025-01-15 10:00")})
    told.say(signed, "2025-01-15 10:00", service="closing")
    return told


def _signs(event: Event[Any], number: str) -> bool:
    return isinstance(event.fact, ContractSigned) and event.fact.number == number


def _with(event: Event[Any], **changes: Any) -> Event[Any]:
    return replace(event, fact=event.fact.model_copy(update=changes))


@pytest.mark.parametrize("kind", ["lead", "contact"])
@pytest.mark.parametrize("named", [True, False])
async def test_nothing_is_posted_for_it(new_books: NewBooks, kind: SubjectKind, named: bool) -> None:
    name = NAMES[kind]
    books = await new_books("sdr")
    first = department().events
    if named:
        first = [_with(each, references=(name,)) if _signs(each, "C-L1") else each for each in first]
    told = Telling()
    told.paid("L1", "P1", "2025-01-20 12:00", "1000.00")
    await books.hear([*first, *_second_deal().events, *[_with(each, reference=name) for each in told.events]])
    async with books.database.reading() as session:
        causes = set(await session.scalars(select(BonusEntry.cause)))
    # A telemarketer earns on the client's first deal alone.
    assert ("payment:bank:P1" in causes) == named
    subject = Subject(kind, id_of("L1"), id_of("L1"))
    async with books.database.transaction() as tx:
        for step in STEPS[kind]:
            await step.work(tx.session, subject)
        await tx.commit()
    assert await posted_by_the_whole_way(books) == 0
