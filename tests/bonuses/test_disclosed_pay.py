"""Two employees in one payout batch: each gets his pay with its grounds, nothing of the other's or the client's."""

import json
from typing import Any

from conveyor.bonuses.disclosing import KEPT
from conveyor.disclosing.disclose import disclose
from conveyor.disclosing.kept import joined
from conveyor.erasing.subjects import Subject
from conveyor.kit.http.pagination import PageRequest
from conveyor.roster.disclosing import KEPT as ROSTER
from tests.bonuses.callers import Callers
from tests.bonuses.department import Books, id_of
from tests.bonuses.payroll_office import SEPTEMBER, close, exported, freeze

PEOPLE = ("Boris", "Clara")
SAID = ("adjustment", "dispute", "answer", "hold", "release", "line")


def _mark(who: str, what: str) -> str:
    return f"znak-{who}-{what}"


async def _pay(callers: Callers, who: str) -> None:
    """An adjustment that two people agree on, a hold that is lifted, a dispute that is answered."""
    wish = {"employee_id": str(id_of(who)), "amount": {"amount": "777.00", "currency": "RUB"}}
    wish |= {"reason_code": "goodwill", "reason": _mark(who, "adjustment"), "earned_on": "2025-09-17"}
    made = await callers.post("/bonus-adjustments", "head", wish)
    approved = await callers.post(f"/bonus-adjustments/{made.json()['id']}/approval", "admin")
    assert approved.status_code == 200, approved.text
    hold = {"employee_id": str(id_of(who)), "reason": _mark(who, "hold")}
    held = await callers.post("/payout-holds", "payroll", hold)
    released = await callers.post(
        f"/payout-holds/{held.json()['id']}/release", "payroll", {"reason": _mark(who, "release")}
    )
    assert released.status_code == 200, released.text
    missing = {"period": "2025-09", "component": "first_payment", "cause_id": who, "text": _mark(who, "dispute")}
    dispute = await callers.post("/disputes", who, missing)
    outcome = {"outcome": "rejected", "reason": _mark(who, "answer")}
    resolved = await callers.post(f"/disputes/{dispute.json()['id']}/resolution", "head", outcome)
    assert resolved.status_code == 200, resolved.text


async def _disclosed(books: Books, who: str) -> dict[str, list[dict[str, Any]]]:
    subject = Subject("employee", id_of(who), None)
    kept = joined(KEPT, ROSTER)["employee"]
    parts: dict[str, list[dict[str, Any]]] = {}
    cursor = None
    while True:
        async with books.database.reading() as session:
            found, cursor = await disclose(session, subject, kept, page=PageRequest(limit=3, cursor=cursor))
        for part in found:
            parts.setdefault(part.name, []).extend(row.model_dump() for row in part.rows)
        if cursor is None:
            return parts


async def test_an_employee_gets_his_pay_and_nobody_elses(callers: Callers, ae_books: Books) -> None:
    for who in PEOPLE:
        await _pay(callers, who)
    await close(ae_books, SEPTEMBER)
    batch = await freeze(ae_books, SEPTEMBER)
    await exported(ae_books, batch.id)
    rows = {who: [row["values"] for row in (await _disclosed(ae_books, who))["bonus_payout_rows"]] for who in PEOPLE}
    for who in PEOPLE:
        line = next(row for row in rows[who] if row["amount"] == "777.00")
        named = {name: line[name] for name in ("payroll_number", "component", "cause_id")}
        told = {"lines": [{**named, "reason": _mark(who, "line")}]}
        assert (await callers.post(f"/payout-batches/{batch.id}/rejected-lines", "payroll", told)).is_success

    for who, other in (PEOPLE, PEOPLE[::-1]):
        parts = await _disclosed(ae_books, who)
        text = json.dumps([row["values"] for part in parts.values() for row in part], ensure_ascii=False)
        assert [what for what in SAID if _mark(who, what) not in text] == []
        assert [one for one in (f"znak-{other}", f'"{other}"', "Romashka") if one in text] == []
        assert {row["values"]["employee_id"] for row in parts["bonus_entries"]} == {str(id_of(who))}
        assert {"amount": "777.00", "currency": "RUB"} in [row["values"]["amount"] for row in parts["bonus_entries"]]
        assert parts["bonus_statements"]
        assert [row["values"]["full_name"] for row in parts["roster_employees"]] == [who]
        # The file is everybody's: it is named, and his rows of it are above.
        (file,) = parts["bonus_payout_file_chunks"]
        assert (file["values"]["content"], [one["column"] for one in file["withheld"]]) == (None, ["content"])


async def test_a_lead_is_told_that_it_stands_in_a_row_and_not_whom_it_pays(ae_books: Books) -> None:
    await close(ae_books, SEPTEMBER)
    await freeze(ae_books, SEPTEMBER)
    lead_id = id_of("L1")
    async with ae_books.database.reading() as session:
        parts, _ = await disclose(session, Subject("lead", lead_id, lead_id), KEPT["lead"], page=PageRequest(limit=200))

    rows = {part.name: [row.values for row in part.rows] for part in parts}
    names = {row["name"] for row in rows["bonus_leads"]}
    assert {row["lead"] for row in rows["bonus_payout_rows"]} == names
    assert not {"amount", "employee", "payroll_number", "employee_id"} & rows["bonus_payout_rows"][0].keys()
    assert {row["lead_id"] for row in rows["bonus_facts"]} == {str(lead_id)}
