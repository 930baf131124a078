"""Explanations over HTTP, in the language that is asked for."""

from tests.bonuses.callers import Callers
from tests.bonuses.department import id_of


async def test_an_entry_in_both_languages(callers: Callers) -> None:
    entry = (await callers.entries())[0]
    path = f"/bonus-entries/{entry['id']}/explanation"
    english = (await callers.get(path, "Boris")).json()
    russian = (await callers.get(path, "Boris", lang="ru")).json()
    assert (english["lang"], russian["lang"]) == ("en", "ru")
    assert "10 % of 200,000.00 RUB = 20,000.00 RUB." in english["text"]
    assert "10 % от 200\N{NO-BREAK SPACE}000,00 RUB = 20\N{NO-BREAK SPACE}000,00 RUB." in russian["text"]
    assert english["explanation"] == russian["explanation"]
    payment = english["explanation"]["inputs"][0]
    assert (payment["fact_id"] is not None, payment["delivery_id"]) == (True, str(id_of("delivery", "P1")))
    assert (await callers.get(path, "Boris", lang="de")).status_code == 422


async def test_why_in_russian(callers: Callers) -> None:
    answer = (await callers.get("/bonuses/why", "Boris", payment_id="P4", lang="ru")).json()
    assert {absence["reason_code"] for absence in answer["absences"]} == {"not_paying_month"}
    assert any("ноябрь 2025 — третий платёжный месяц" in text for text in answer["text"])


async def test_why_shows_what_was_decided_by_hand(callers: Callers) -> None:
    body = {
        "employee_id": str(id_of("Boris")),
        "amount": {"amount": "4150.00", "currency": "RUB"},
        "reason_code": "goodwill",
        "reason": "as promised",
        "earned_on": "2025-09-17",
    }
    made = (await callers.post("/bonus-adjustments", "head", body)).json()
    await callers.post(f"/bonus-adjustments/{made['id']}/approval", "admin")
    (line,) = (await callers.get("/bonuses/why", "Boris", component="goodwill")).json()["lines"]
    assert line["amount"]["amount"] == "4150.00"
    assert "asked for by local:head, approved by local:admin" in line["text"]


async def test_the_journal_with_its_reasons(callers: Callers) -> None:
    page = (await callers.get("/bonus-entries/explanations", limit=2)).json()
    assert [item["entry"]["journal_no"] for item in page["items"]] == [1, 2]
    assert all(item["explanation"]["steps"] for item in page["items"])
    rest = (await callers.get("/bonus-entries/explanations", after=page["next_after"])).json()
    assert rest["next_after"] == page["watermark"]
    assert (await callers.get("/bonus-entries/explanations", "Clara")).json()["items"] == []
