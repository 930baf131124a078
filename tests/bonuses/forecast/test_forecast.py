"""Forecast: what is pending for an employee, and what would release it."""

from typing import Any

import pytest

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.forecast.queries import forecast_of
from conveyor.bonuses.forecast.views import ProspectView
from conveyor.kit.clock import FrozenClock
from conveyor.kit.refusals import NotFound
from tests.bonuses.callers import Callers
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, at, id_of
from tests.bonuses.quarter import golden_quarter


@pytest.fixture
def told_until(new_books: NewBooks, clock: FrozenClock) -> Any:
    async def tell(role: BonusRole, moment: str) -> Books:
        books = await new_books(role)
        clock.set(at(moment))
        await books.hear(event for event in golden_quarter().events if event.occurred_at <= at(moment))
        return books

    return tell


async def items(books: Books, name: str, kind: str) -> list[ProspectView]:
    forecast = await forecast_of(books.desk, employee_id=id_of(name), lang="en")
    return [item for item in forecast.items if item.kind == kind]


async def test_an_accepted_handoff_waits_for_the_first_payment(told_until: Any) -> None:
    books = await told_until("sdr", "2025-09-24 12:00")
    waiting = await items(books, "Anna", "awaits_payment")
    assert [(item.lead, item.component, item.amount.amount) for item in waiting] == [
        ("Romashka", "client_paid", "3000.00"),
        ("Vasilek", "client_paid", "3000.00"),
    ]
    assert waiting[1].text == ("Vasilek has not paid yet: of every 100,000.00 RUB paid client_paid gives 3,000.00 RUB")


async def test_the_cap_leaves_less(told_until: Any, clock: FrozenClock) -> None:
    books = await told_until("sdr", "2025-09-24 12:00")
    late = golden_quarter().events
    await books.hear(event for event in late if event.occurred_at == at("2025-09-29 12:00"))
    clock.set(at("2025-09-30 12:00"))
    waiting = {item.lead: item.amount.amount for item in await items(books, "Anna", "awaits_payment")}
    assert waiting["Romashka"] == "3000.00"


async def test_the_second_month_is_not_reached_yet(told_until: Any) -> None:
    books = await told_until("ae", "2025-09-25 12:00")
    (second,) = await items(books, "Boris", "awaits_next_month")
    assert (second.lead, second.component, second.amount.amount) == ("Romashka", "second_payment", "5000.00")
    assert second.details["from"] == "2025-10-01"


async def test_after_a_pause_nothing_is_promised(told_until: Any) -> None:
    books = await told_until("ae", "2025-11-18 12:00")
    leads = {item.lead for item in await items(books, "Boris", "awaits_payment")}
    assert leads == {"Vasilek"}


async def test_a_meeting_that_may_still_be_taken_back(told_until: Any) -> None:
    books = await told_until("sdr", "2025-09-15 11:00")
    (waiting,) = await items(books, "Anna", "awaits_acceptance")
    assert (waiting.lead, waiting.amount.amount) == ("Lutik", "700.00")
    returned = await told_until("sdr", "2025-09-16 11:00")
    assert await items(returned, "Anna", "awaits_acceptance") == []


async def test_the_gate_so_far(told_until: Any) -> None:
    books = await told_until("sdr", "2025-09-30 20:00")
    gated = {item.component: item for item in await items(books, "Anna", "gate")}
    letters = gated["letter_general"]
    assert (letters.amount.amount, letters.details["full"]["amount"]) == ("30.00", "60.00")
    assert (letters.details["successful_calls"], letters.details["norm"], letters.details["missing"]) == (495, 990, 495)


async def test_the_distance_to_the_retention(told_until: Any, clock: FrozenClock) -> None:
    books = await told_until("am", "2025-11-25 12:00")
    (missing,) = await items(books, "Vera", "below_threshold")
    assert (missing.lead, missing.details["missing"]) == ("Romashka", "80000.00")
    assert missing.text.endswith("in 2025-Q4: 80,000.00 RUB more has to be paid")
    await books.hear(golden_quarter().events)
    clock.set(at("2025-12-26 12:00"))
    (expected,) = await items(books, "Vera", "awaits_close")
    assert expected.amount.amount == "10000.00"


async def test_a_client_too_young(told_until: Any) -> None:
    books = await told_until("am", "2025-09-29 13:00")
    (young,) = await items(books, "Vera", "client_too_young")
    assert (young.details["months"], young.details["on"]) == (3, "2025-09-30")


async def test_in_russian(told_until: Any) -> None:
    books = await told_until("ae", "2025-09-25 12:00")
    forecast = await forecast_of(books.desk, employee_id=id_of("Boris"), lang="ru")
    (text,) = [item.text for item in forecast.items if item.kind == "awaits_next_month"]
    assert text.replace("\N{NO-BREAK SPACE}", " ") == (
        "second_payment по Romashka ещё не наступил: с каждых 100 000,00 RUB, оплаченных с 2025-10-01, "
        "он даст 5 000,00 RUB"
    )


async def test_nobody_unknown(told_until: Any) -> None:
    books = await told_until("ae", "2025-09-25 12:00")
    with pytest.raises(NotFound):
        await forecast_of(books.desk, employee_id=id_of("nobody"), lang="en")


async def test_over_http(callers: Callers) -> None:
    own = await callers.get("/bonuses/forecast", "Boris", lang="ru")
    assert (own.status_code, own.json()["lang"], own.json()["truncated"]) == (200, "ru", False)
    assert (await callers.get("/bonuses/forecast", "Clara", employee_id=str(id_of("Boris")))).status_code == 404
    assert (await callers.get("/bonuses/forecast")).status_code == 422
