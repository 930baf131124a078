"""What users of other systems complain about, as far as it concerns periods, dates, disputes and explanations.

Each test carries the complaint's number in the collected list: 1 to 3 refunds, 5 parts, 6 dates, 8 rates, 14 lines.
"""

import asyncpg
import pytest

from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.statements.queries import AsOf, bonuses_of
from conveyor.bonuses.statements.why import Question, answer
from conveyor.kit.calendar import Month
from conveyor.kit.clock import FrozenClock
from tests.bonuses.callers import Callers
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, at, id_of, rub
from tests.bonuses.quarter import golden_quarter

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2025, number) for number in (9, 10, 11))
BORIS = str(id_of("Boris"))


async def total(books: Books, month: Month, who: str = "Boris") -> str:
    return (await bonuses_of(books.desk, employee_id=id_of(who), month=month)).total.amount


async def test_1_a_credit_note_has_the_sign_of_the_ledger_not_of_a_rule(ae_books: Books) -> None:
    async with ae_books.database.reading() as session:
        entries = await posted_in_period(session, "2025-11")
    (refund,) = [entry for entry in entries if entry.cause_id == "R1"]
    assert (refund.kind, refund.amount_minor) == ("adjustment", -500_000)


async def test_2_of_a_payment_refunded_whole_not_only_the_minus_is_kept(ae_books: Books) -> None:
    told = Telling()
    told.paid("L1", "P8", "2025-09-24 12:00", "10000.00")
    told.refunded("L1", "R8", "P8", "2025-09-26 12:00", "10000.00")
    await ae_books.hear(told.events)
    assert await total(ae_books, SEPTEMBER) == "30000.00"


async def test_3_a_refund_is_not_excluded_and_then_subtracted_again(ae_books: Books) -> None:
    told = Telling()
    told.refunded("L1", "R8", "P1", "2025-09-26 12:00", "200000.00")
    await ae_books.hear(told.events)
    assert await total(ae_books, SEPTEMBER) == "10000.00"


async def test_3_it_is_still_taken_back_once_the_month_was_paid(ae_books: Books) -> None:
    await close_period(ae_books.desk, month=SEPTEMBER, actor="head")
    told = Telling()
    told.refunded("L1", "R8", "P1", "2025-10-15 12:00", "20000.00")
    await ae_books.hear(told.events)
    assert await total(ae_books, OCTOBER) == "5500.00"


async def test_5_of_a_part_payment_its_part_is_paid(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = golden_quarter(without=frozenset({"P1", "P2", "P3", "P4", "P5", "P6"}), calls=False)
    told.paid("L1", "half", "2025-09-24 12:00", "50000.00")
    await books.hear(told.events)
    assert await total(books, SEPTEMBER) == "5000.00"


async def test_6_paid_in_one_month_settled_in_another_shows_both_dates(new_books: NewBooks) -> None:
    books = await new_books("ae")
    on_time = golden_quarter(without=frozenset({"P1"}), calls=False).events
    await books.hear(on_time)
    await close_period(books.desk, month=SEPTEMBER, actor="head")
    await books.hear(event for event in golden_quarter(calls=False).events if event not in on_time)
    october = await bonuses_of(books.desk, employee_id=id_of("Boris"), month=OCTOBER)
    (late,) = [line for line in october.lines if line.cause_id == "P1"]
    assert (october.period, late.earned_on.isoformat()) == ("2025-10", "2025-09-22")


@pytest.mark.parametrize("lang", ["en", "ru"])
async def test_6_an_empty_month_says_why(callers: Callers, lang: str) -> None:
    answered = (await callers.get("/bonuses/why", "Boris", period="2025-12", lang=lang)).json()
    assert answered["lines"] == []
    assert {item["reason_code"] for item in answered["absences"]} == {"not_paying_month"}
    assert all(answered["text"])


async def test_8_no_change_rewrites_a_closed_month(ae_books: Books) -> None:
    await close_period(ae_books.desk, month=SEPTEMBER, actor="head")
    before = await bonuses_of(ae_books.desk, employee_id=id_of("Boris"), month=SEPTEMBER)
    told = Telling()
    told.paid("L1", "P0", "2025-07-10 12:00", "57.00")
    await ae_books.hear(told.events)
    assert await bonuses_of(ae_books.desk, employee_id=id_of("Boris"), month=SEPTEMBER) == before
    assert await total(ae_books, OCTOBER) != "7500.00"


async def test_8_the_database_itself_locks_a_closed_period(ae_books: Books) -> None:
    await close_period(ae_books.desk, month=SEPTEMBER, actor="head")
    connection = await asyncpg.connect(ae_books.database.url)
    copied = (
        "INSERT INTO bonus_entries SELECT journal_no + 1000, uuidv7(), chain_id, employee_id, role, component,"
        " plan_code, plan_version, cause || 'x', cause_id, lead_id, earned_on, $1, kind, reverses, revision,"
        " amount_minor, currency, explanation, recorded_at, prev_hash, hash FROM bonus_entries WHERE journal_no = 1"
    )
    for period in ("2025-09", "2025-01"):
        with pytest.raises(asyncpg.RestrictViolationError, match="2025-09 are closed"):
            await connection.execute(copied, period)
    await connection.execute(copied, "2025-10")
    await connection.close()


async def test_8_half_past_eleven_at_night_is_one_day_everywhere(new_books: NewBooks) -> None:
    books = await new_books("ae")
    told = golden_quarter(without=frozenset({"P3"}), calls=False)
    told.paid("L1", "late", "2025-09-30T20:30:00Z", "1000.00")
    told.paid("L1", "later", "2025-09-30T21:00:00Z", "2000.00")
    await books.hear(told.events)
    september = await bonuses_of(books.desk, employee_id=id_of("Boris"), month=SEPTEMBER)
    october = await bonuses_of(books.desk, employee_id=id_of("Boris"), month=OCTOBER)
    assert ("late", "2025-09-30") in {(line.cause_id, line.earned_on.isoformat()) for line in september.lines}
    assert [(line.cause_id, line.earned_on.isoformat()) for line in october.lines] == [("later", "2025-10-01")]


async def test_8_which_rule_priced_this_is_answered_for_every_line(ae_books: Books) -> None:
    why = await answer(ae_books.desk, Question(employee_id=id_of("Boris")))
    assert len(why.lines) == 4
    assert {(line.explanation["plan"]["code"], line.explanation["plan"]["version"]) for line in why.lines} == {
        ("ae-standard", 1)
    }


async def test_10_euros_are_never_shown_as_roubles(ae_books: Books) -> None:
    told = Telling()
    told.paid("L1", "PE", "2025-09-24 12:00", "1.00")
    (event,) = told.events
    euros = event.fact.model_copy(update={"amount": rub("100.00").model_copy(update={"currency": "EUR"})})
    told.events.clear()
    told.say(euros, "2025-09-24 12:00")
    await ae_books.hear(told.events)
    month = await bonuses_of(ae_books.desk, employee_id=id_of("Boris"), month=SEPTEMBER)
    assert month.total.amount == "30000.00"
    assert [(item.amount, item.currency) for item in month.other_totals] == [("10.00", "EUR")]


async def test_14_one_line_is_held_up_and_corrected_without_a_file(callers: Callers) -> None:
    entry = (await callers.entries())[0]
    dispute = (await callers.post(f"/bonus-entries/{entry['id']}/dispute", "Boris", {"text": "too little"})).json()
    adjustment = {"amount": {"amount": "100.00", "currency": "RUB"}, "component": "first_payment", "reason": "right"}
    body = {"outcome": "upheld", "reason": "right", "adjustment": adjustment}
    (asked,) = (await callers.post(f"/disputes/{dispute['id']}/resolution", "head", body)).json()["adjustments"]
    approved = (await callers.post(f"/bonus-adjustments/{asked['id']}/approval", "admin")).json()
    answered = (await callers.get(f"/bonus-entries/{approved['entry_id']}/explanation", "Boris")).json()
    assert answered["explanation"]["inputs"][0]["dispute_id"] == dispute["id"]


async def test_14_a_past_value_does_not_drift(ae_books: Books, clock: FrozenClock) -> None:
    then = clock.now()
    shown = await bonuses_of(ae_books.desk, employee_id=id_of("Boris"), month=NOVEMBER, as_of=AsOf(recorded=then))
    clock.set(at("2026-01-20 12:00"))
    told = Telling()
    told.refunded("L1", "R8", "P1", "2025-11-28 12:00", "20000.00")
    await ae_books.hear(told.events)
    again = await bonuses_of(ae_books.desk, employee_id=id_of("Boris"), month=NOVEMBER, as_of=AsOf(recorded=then))
    assert again == shown
    assert await total(ae_books, NOVEMBER) == "-7000.00"


async def test_15_a_retried_fact_pays_once(ae_books: Books) -> None:
    await ae_books.hear(golden_quarter(calls=False).events, at_once=1)
    await ae_books.hear(golden_quarter(calls=False).events)
    assert [await total(ae_books, month) for month in (SEPTEMBER, OCTOBER, NOVEMBER)] == [
        "30000.00",
        "7500.00",
        "-5000.00",
    ]
