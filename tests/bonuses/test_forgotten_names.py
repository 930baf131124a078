"""Names that are forgotten change nobody's pay: a payment stays with the deal whose contract it named."""

from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import select

from conveyor.bonuses.facts.erasing import STEPS
from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.contracts.closing import ContractSigned, DealOpened
from conveyor.contracts.erasure import LeadErased
from conveyor.contracts.values import Reference
from conveyor.erasing.carry_out import Eraser
from conveyor.erasing.listeners import listen
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.messaging.events import Event
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, at, id_of
from tests.bonuses.old_clients import department, posted_by_the_whole_way
from tests.erasing.heard import Reader
from tests.servers import FreshDatabase

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


async def _is_paid(books: Books) -> bool:
    """A telemarketer earns on the client's first deal alone."""
    async with books.database.reading() as session:
        return "payment:bank:P1" in set(await session.scalars(select(BonusEntry.cause)))


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
    assert await _is_paid(books) == named
    subject = Subject(kind, id_of("L1"), id_of("L1"))
    async with books.database.transaction() as tx:
        for step in STEPS[kind]:
            await step.work(tx.session, subject)
        await tx.commit()
    assert await posted_by_the_whole_way(books) == 0


async def test_a_payment_of_the_batch_that_brings_the_erasure(fresh_database: FreshDatabase) -> None:
    urls = fresh_database("telemarketing")
    books = Books(Database(urls.app, service="telemarketing", clock=SystemClock()), "sdr", owner_url=urls.migrator)
    listen(books.listeners, steps=STEPS)
    name = NAMES["lead"]
    first = [_with(each, references=(name,)) if _signs(each, "C-L1") else each for each in department().events]
    told = Telling()
    told.paid("L1", "P1", "2025-01-20 12:00", "1000.00")
    told.events = [_with(each, reference=name) for each in told.events]
    told.say(LeadErased(erasure_id=id_of("erasure"), lead_id=id_of("L1")), "2025-02-01 12:00")
    try:
        await books.hear([*first, *_second_deal().events])
        await books.hear(told.events)
        assert await Eraser(books.database, consumer=cast("Any", Reader()), steps=STEPS).once() == 1
        assert await _is_paid(books)
        assert await posted_by_the_whole_way(books) == 0
    finally:
        await books.database.close()
