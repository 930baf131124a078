"""Leads over HTTP: recording, seeing, correcting, owning."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from conveyor.kit.ids import new_id
from tests.telemarketing.line import LEAD, NOW, Line, lead_named, pointers, problem


async def test_a_recorded_lead_is_said_with_each_of_its_references(line: Line) -> None:
    lead = await line.record(LEAD, who="Anna")

    [recorded] = await line.said("lead_recorded")
    assert recorded["subject"] == lead["id"]
    assert recorded["data"]["revision"] == 1
    assert recorded["data"]["company"]["name"] == "Ромашка"
    assert recorded["data"]["contacts"][0]["contact_id"] == lead["contacts"][0]["contact_id"]
    references = {
        (one["data"]["reference"]["system"], one["data"]["reference"]["value"])
        for one in await line.said("reference_assigned")
    }
    assert references == {
        ("inn", "7701234567"),
        ("phone", "+7 495 000-00-01"),
        ("email", "Office@r.example"),
        ("crm:amo", "A-1"),
    }
    assert lead["state"] == "new"
    assert lead["owner_id"] is None


async def test_an_imported_lead_is_dated_by_its_business_time(line: Line) -> None:
    at = NOW - timedelta(days=200)
    lead = await line.record(
        lead_named("Лютик", owner_id=str(line.employees["Anna"]), occurred_at=at.isoformat()), who="integration"
    )

    [recorded] = await line.said("lead_recorded")
    assert datetime.fromisoformat(recorded["time"]) == at
    assert recorded["data"]["owner_id"] == lead["owner_id"] == str(line.employees["Anna"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"mechanics": "lukewarm"}, "/mechanics"),
        ({"channel": ""}, "/channel"),
        ({"company": {"name": "x", "inn": "12"}}, "/company/inn"),
        ({"company": {"name": "x", "boss": "y"}}, "/company/boss"),
        ({"company": {"name": "x\x00y"}}, "/company/name"),
        ({"channel": "li\x00st"}, "/channel"),
        ({"references": [{"system": "passport", "value": "1"}]}, "/references/0/system"),
        ({"references": [{"system": "lead_id", "value": str(new_id())}]}, "/references/0"),
        ({"references": [{"system": "phone", "value": "none"}]}, "/references/0"),
        ({"owner_id": str(new_id())}, "/owner_id"),
        ({"occurred_at": "2026-03-10T09:00:01Z"}, "/occurred_at"),
        ({"occurred_at": "2026-03-09T09:00:00"}, "/occurred_at"),
    ],
)
async def test_a_wrong_field_is_named(line: Line, change: dict[str, Any], pointer: str) -> None:
    answer = await line.ask("integration", "POST", "/leads", json=LEAD | change)

    assert any(found.startswith(pointer) for found in pointers(answer)), answer.text
    assert await line.said() == []


async def test_an_old_date_is_for_imports_only(line: Line) -> None:
    old = lead_named("Лютик", occurred_at=(NOW - timedelta(days=8)).isoformat())

    assert pointers(await line.ask("Anna", "POST", "/leads", json=old)) == {"/occurred_at"}
    await line.record(old, who="admin")


async def test_an_inn_of_another_lead_names_it_only_to_those_who_may_see_it(line: Line) -> None:
    lead = await line.record(LEAD | {"owner_id": str(line.employees["Zoya"])})
    twin = lead_named("Двойник") | {"company": {"name": "Двойник", "inn": "7701234567"}}

    to_a_peer = problem(await line.ask("Anna", "POST", "/leads", json=twin), 409, "reference-taken")
    to_the_owner = problem(await line.ask("Zoya", "POST", "/leads", json=twin), 409, "reference-taken")

    assert "lead_id" not in to_a_peer
    assert to_the_owner["lead_id"] == lead["id"]
    assert len(await line.said("lead_recorded")) == 1


async def test_a_phone_may_be_shared(line: Line) -> None:
    await line.record(lead_named("Одни", contacts=[{"name": "А", "phone": "8 495 000-00-01"}]))
    await line.record(lead_named("Другие", contacts=[{"name": "Б", "phone": "+74950000001"}]))

    assert len(await line.said("reference_assigned")) == 2


async def test_a_peers_lead_is_not_there(line: Line) -> None:
    of_anna = await line.record(lead_named("Анны", owner_id=str(line.employees["Anna"])))
    of_nobody = await line.record(lead_named("Ничей"))

    problem(await line.ask("Zoya", "GET", f"/leads/{of_anna['id']}"), 404, "not-found")
    seen = (await line.ask("Zoya", "GET", "/leads")).json()["items"]
    assert [lead["id"] for lead in seen] == [of_nobody["id"]]
    for role in ("head", "auditor", "marketing", "admin", "integration"):
        assert len((await line.ask(role, "GET", "/leads")).json()["items"]) == 2


async def test_leads_are_paged_and_filtered(line: Line) -> None:
    anna = str(line.employees["Anna"])
    for number in range(5):
        await line.record(lead_named(f"Л{number}", **({"owner_id": anna} if number % 2 else {})))

    first = (await line.ask("head", "GET", "/leads", params={"limit": 3})).json()
    second = (await line.ask("head", "GET", "/leads", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [lead["company"]["name"] for lead in first["items"] + second["items"]] == ["Л0", "Л1", "Л2", "Л3", "Л4"]
    assert second["next_cursor"] is None
    assert len((await line.ask("head", "GET", "/leads", params={"employee_id": anna})).json()["items"]) == 2
    assert (await line.ask("head", "GET", "/leads", params={"state": "client"})).json()["items"] == []
    assert pointers(await line.ask("head", "GET", "/leads", params={"state": "asleep"})) == {"/state"}


@pytest.mark.parametrize("role", ["ae", "am"])
async def test_other_stages_have_no_business_here(line: Line, role: str) -> None:
    async with line.caller(role, new_id()) as client:
        problem(await client.get("/leads"), 403)
        problem(await client.post("/leads", json=LEAD), 403)


async def test_a_correction_needs_the_revision_it_corrects(line: Line) -> None:
    lead = await line.record(LEAD)
    path = f"/leads/{lead['id']}"
    kept = lead["contacts"][0]["contact_id"]
    change = {
        "company": {"name": "Ромашка и Ко"},
        "contacts": [{"contact_id": kept, "name": "Ольга П."}, {"name": "Директор", "phone": "+7 495 000-00-02"}],
        "segment": None,
    }

    problem(await line.ask("Anna", "PATCH", path, json=change), 428)
    problem(await line.ask("Anna", "PATCH", path, json=change, headers={"If-Match": '"7"'}), 412)
    corrected = await line.ask("Anna", "PATCH", path, json=change, headers={"If-Match": '"1"'})

    assert corrected.status_code == 200, corrected.text
    assert corrected.headers["ETag"] == '"2"'
    body = corrected.json()
    assert body["company"]["name"] == "Ромашка и Ко"
    assert body["segment"] is None
    assert [contact["name"] for contact in body["contacts"]] == ["Ольга П.", "Директор"]
    assert body["contacts"][0]["contact_id"] == kept
    assert (await line.said("lead_recorded"))[-1]["data"]["revision"] == 2
    assert (await line.said("reference_assigned"))[-1]["data"]["reference"]["value"] == "+7 495 000-00-02"


async def test_a_contact_of_another_lead_is_no_contact_of_this_one(line: Line) -> None:
    lead = await line.record(LEAD)
    change = {"contacts": [{"contact_id": str(new_id()), "name": "Чужой"}]}

    answer = await line.ask("Anna", "PATCH", f"/leads/{lead['id']}", json=change, headers={"If-Match": '"1"'})

    assert pointers(answer) == {"/contacts"}


async def test_the_head_gives_a_lead_to_somebody_and_takes_it_back(line: Line) -> None:
    lead = await line.record(LEAD)
    path = f"/leads/{lead['id']}/owner"
    anna = str(line.employees["Anna"])

    problem(await line.ask("Anna", "PUT", path, json={"employee_id": anna}, headers={"If-Match": '"1"'}), 403)
    given = await line.ask("head", "PUT", path, json={"employee_id": anna}, headers={"If-Match": '"1"'})
    assert (given.status_code, given.json()["owner_id"]) == (200, anna)
    problem(await line.ask("Zoya", "GET", f"/leads/{lead['id']}"), 404)
    taken = await line.ask("head", "PUT", path, json={"employee_id": None}, headers={"If-Match": '"2"'})

    assert (taken.status_code, taken.json()["owner_id"]) == (200, None)
    assert [one["data"]["owner_id"] for one in await line.said("lead_recorded")] == [None, anna, None]


async def test_of_two_who_change_the_same_past_the_second_reads_it_again_first(line: Line) -> None:
    anna, zoya = str(line.employees["Anna"]), str(line.employees["Zoya"])
    lead = await line.record(lead_named("Лютик", owner_id=anna))
    path, match = f"/leads/{lead['id']}/owner", {"If-Match": '"1"'}
    yesterday = (NOW - timedelta(days=1)).isoformat()

    first = await line.ask("head", "PUT", path, json={"employee_id": zoya, "from": yesterday}, headers=match)
    second = await line.ask("head", "PUT", path, json={"employee_id": None, "from": yesterday}, headers=match)

    assert (first.status_code, first.json()["owner_id"], first.headers["ETag"]) == (200, anna, '"2"')
    problem(second, 412, "stale-revision")


async def test_an_owner_is_an_sdr_of_now(line: Line) -> None:
    lead = await line.record(LEAD)
    boris = await line.hire("Boris", role="ae")
    path, match = f"/leads/{lead['id']}/owner", {"If-Match": '"1"'}

    async def put(body: dict[str, Any]) -> Any:
        return await line.ask("head", "PUT", path, json=body, headers=match)

    assert pointers(await put({"employee_id": str(boris)})) == {"/employee_id"}
    future = (NOW + timedelta(days=1)).isoformat()
    assert pointers(await put({"employee_id": None, "from": future})) == {"/from"}


async def test_an_sdr_may_not_make_a_peer_the_owner(line: Line) -> None:
    body = LEAD | {"owner_id": str(line.employees["Zoya"])}

    problem(await line.ask("Anna", "POST", "/leads", json=body), 403)
    mine = await line.record(LEAD | {"owner_id": str(line.employees["Anna"])}, who="Anna")
    assert mine["owner_id"] == str(line.employees["Anna"])


async def test_the_same_idempotency_key_records_one_lead(line: Line) -> None:
    headers = {"Idempotency-Key": "k-1"}
    async with line.caller("sdr", line.employees["Anna"]) as client:
        first = await client.post("/leads", json=LEAD, headers=headers)
        again = await client.post("/leads", json=LEAD, headers=headers)
        other = await client.post("/leads", json=lead_named("Другой"), headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json()["id"] == again.json()["id"]
    assert len(await line.said("lead_recorded")) == 1


async def test_only_another_system_says_who_recorded_a_lead(line: Line) -> None:
    anna, zoya = str(line.employees["Anna"]), str(line.employees["Zoya"])

    problem(await line.ask("Anna", "POST", "/leads", json=LEAD | {"employee_id": zoya}), 403, "not-your-employee")
    for who in ("head", "marketing"):
        problem(await line.ask(who, "POST", "/leads", json=LEAD | {"employee_id": zoya}), 403)
        await line.record(lead_named(who), who=who)
    await line.record(lead_named("Сама", employee_id=anna), who="Anna")
    await line.record(lead_named("Система", employee_id=zoya))
