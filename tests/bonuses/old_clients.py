"""Clients with many payments, and what a complete evaluation of them would still post."""

import random
from datetime import timedelta
from typing import Any

from conveyor.bonuses.facts.queries import every_lead
from conveyor.bonuses.ledger.append import head_of, lock_journal
from conveyor.bonuses.ledger.person_periods import employees_of, pool_periods_ending_with
from conveyor.bonuses.ledger.post_differences import post_leads
from conveyor.bonuses.ledger.post_person_periods import post_person_periods
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.terms import terms_for
from conveyor.kit.calendar import Month
from conveyor.kit.messaging.events import Event
from tests.bonuses.department import PEOPLE, Books, Telling, at

LEADS = ("L1", "L2", "L3")


def department() -> Telling:
    told = Telling()
    for name, (role, number) in PEOPLE.items():
        told.hired(name, role, number)
    for place, lead in enumerate(LEADS):
        told.booked("Anna", lead, f"2025-0{place + 1}-10 10:00", f"M{lead}")
        told.accepted_by_closing("Boris", lead, f"2025-0{place + 1}-11 10:00", f"M{lead}")
        told.signed(lead, f"C-{lead}", f"2025-0{place + 1}-12 10:00")
        told.accepted_by_account("Vera", lead, f"2025-0{place + 1}-13 10:00")
    return told


def payments(seed: int, *, number: int = 60) -> list[Event[Any]]:
    """Payments of few months and many, refunds in part, wholly, over the sum, before their payment, to no payment."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    told = Telling()
    for place in range(number):
        lead = chance.choice(LEADS)
        paid = at("2025-01-20 12:00") + timedelta(days=chance.choice((0, 1, 20, 45, 80, 150, 290)), minutes=place)
        amount = chance.randint(1, 200_000)
        told.paid(lead, f"P{place}", paid.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{amount}.00", contract=f"C-{lead}")
        for part in range(chance.choice((0, 0, 0, 1, 2))):
            refunded = paid + timedelta(days=chance.choice((-3, 0, 2, 40)))
            back = chance.choice((amount, amount + 5, max(1, amount // 3)))
            payment = chance.choice((f"P{place}", f"P{place}", "lost"))
            told.refunded(lead, f"R{place}-{part}", payment, refunded.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{back}.00")
    events = told.events
    chance.shuffle(events)
    return events


async def posted_by_the_whole_way(books: Books) -> int:
    """How many entries a complete evaluation of every lead and every closed period of people would add."""
    role = books.desk.role
    async with books.database.transaction() as tx:
        await lock_journal(tx)
        before = (await head_of(tx.session)).journal_no
        closed = await closed_through(tx.session)
        await post_leads(tx, await every_lead(tx.session), role=role, standing_through=closed, closed_through=closed)
        terms = await terms_for(tx.session, role=role, employee_ids=())
        month = Month(2025, 1)
        while closed is not None and month <= closed:
            for period in pool_periods_ending_with(terms, month):
                people = await employees_of(tx.session, role=role)
                await post_person_periods(tx, people, period, role=role, closed_through=closed)
            month = month.plus(1)
        return (await head_of(tx.session)).journal_no - before
