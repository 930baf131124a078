"""amoCRM and Kommo: every sample, and the oddities of their webhooks."""

from typing import Any
from urllib.parse import urlencode

import pytest

from handoff_bus.sources.kinds.amocrm.kind import AMOCRM
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from tests.handoff_bus.kinds.deliveries_of_kinds import NOW, facts, is_proven, raw, read, sample, silence

SECRET = "q" * 32

SILENT = {
    "amocrm_lead_status_full_2018.form": "leads.status",
    "amocrm_lead_status_thin_digital_pipeline.form": "leads.status",
    "amocrm_lead_status_from_kommo_docs.form": "leads.status",
    "amocrm_kommo_lead_status.json": "leads.status",
    "amocrm_kommo_lead_delete.json": "leads.delete",
    "amocrm_kommo_lead_note_text.json": "leads.note",
    "amocrm_kommo_task_completed.json": "task.update",
    "amocrm_task_update_test_fixture.json": "task.update",
    "amocrm_kommo_unsorted_accept.json": "unsorted.delete",
    "amocrm_company_delete.json": "contacts.delete",
    "amocrm_company_delete_entity_as_json_string.form": "contacts.delete",
}


@pytest.mark.parametrize(("name", "topic"), SILENT.items())
def test_samples_without_words_in_the_bus(name: str, topic: str) -> None:
    reading = read(AMOCRM, sample(name))
    assert (silence(reading), reading.topic) == ("nothing_to_say", topic)


def test_a_note_about_a_call_is_json_in_a_string() -> None:
    (call,) = facts(read(AMOCRM, sample("amocrm_lead_note_call_in.form")))
    assert call == {
        "type": "call.finished",
        "call_id": "1b52f0de-77aa-4c11-8d35-52c0f3ba9e14",
        "direction": "in",
        "started_at": "2024-06-20T23:26:10Z",
        "duration_seconds": 130,
        "employee": {"system": "crm:crm", "value": "80392074"},
        "lead": {"system": "crm:crm", "value": "88473100"},
        "recording_url": "https://example.test/rec-7.mp3",
    }


def _form(prefix: str, fields: dict[str, Any], **account: str) -> str:
    named = {f"{prefix}[{name}]": value for name, value in fields.items()}
    return urlencode({**named, **{f"account[{name}]": value for name, value in account.items()}})


def _note(**changes: Any) -> str:
    note = {
        "note_type": "11",
        "element_type": "2",
        "element_id": "77",
        "id": "5",
        "created_by": "12",
        "created_at": "1771934400",
        "text": '{"UNIQ": "u-1", "DURATION": "30", "PHONE": "+74950000012"}',
    }
    return _form("leads[note][0][note]", {**note, **changes})


def test_a_call_that_nobody_took_has_no_talk() -> None:
    text = '{"UNIQ": "u-1", "DURATION": "30", "call_status": "6", "PHONE": "+74950000012"}'
    (call,) = facts(read(AMOCRM, _note(text=text)))
    assert (call["direction"], call["duration_seconds"]) == ("out", 0)


def test_a_call_at_a_contact_is_found_by_its_phone() -> None:
    (call,) = facts(read(AMOCRM, _note(element_type="1")))
    assert call["lead"] == {"system": "phone", "value": "+74950000012"}


def test_local_times_of_notes_are_not_used() -> None:
    plain, odd = (read(AMOCRM, _note(date_create=text)).events for text in ("2025-02-18 16:38:11", "1999-01-01"))
    assert plain == odd


ADDED = {"id": "501", "name": "Склад на Лесной", "pipeline_id": "31", "price": "45000", "date_create": "1771934400"}


def test_a_new_lead_is_an_inbound_lead() -> None:
    reading = read(AMOCRM, _form("leads[add][0]", ADDED), {"channel": "site", "mechanics": "cold"})
    (lead,) = facts(reading)
    assert reading.events[0].timestamp.isoformat() == "2026-02-24T12:00:00+00:00"
    assert lead == {
        "type": "lead.received",
        "lead": {"system": "crm:crm", "value": "501"},
        "company": {"name": "Склад на Лесной"},
        "contacts": [],
        "channel": "site",
        "mechanics": "cold",
    }


def test_a_nameless_lead_is_named_by_its_number() -> None:
    (lead,) = facts(read(AMOCRM, _form("leads[add][0]", {**ADDED, "name": ""})))
    assert lead["company"]["name"] == "crm 501"


def test_leads_of_other_pipelines_are_not_ours() -> None:
    form = _form("leads[add][0]", ADDED)
    assert silence(read(AMOCRM, form, {"pipeline_ids": ["9"]})) == "nothing_to_say"
    assert len(read(AMOCRM, form, {"pipeline_ids": ["9", "31"]}).events) == 1


def test_several_entities_share_one_post() -> None:
    form = _form("leads[add][0]", ADDED) + "&" + _form("leads[add][1]", {**ADDED, "id": "502"}) + "&" + _note()
    reading = read(AMOCRM, form + "&" + _form("leads[status][0]", {"id": "9", "status_id": "142"}))
    assert [fact["type"] for fact in facts(reading)] == ["lead.received", "lead.received", "call.finished"]
    assert reading.topic == "leads.add,leads.note,leads.status"


def test_items_keyed_by_zero_and_arrays_are_the_same() -> None:
    body = '{"leads": {"add": [{"id": "501", "name": "A", "created_at": "1771934400"}]}}'
    keyed = body.replace("[{", '{"0": {').replace("}]", "}}")
    as_string = urlencode({"leads": '{"add":[{"id":"501","name":"A","created_at":"1771934400"}]}'})
    one, two, three = (read(AMOCRM, form) for form in (body, keyed, as_string))
    assert one.events == two.events == three.events
    assert one.dedupe_key == two.dedupe_key == three.dedupe_key


def test_a_date_field_is_a_scalar_among_values() -> None:
    assert b"[custom_fields][2][values][0]=" in sample("amocrm_lead_status_full_2018.form")
    fields = {**ADDED, "custom_fields][2][values][0": "1534412879"}
    assert len(read(AMOCRM, _form("leads[add][0]", fields)).events) == 1


def test_the_dedupe_key_names_the_change() -> None:
    one, again, later = (
        read(AMOCRM, _form("leads[status][0]", {"id": "5", "status_id": "7", "last_modified": at})).dedupe_key
        for at in ("1771934400", "1771934400", "1771934401")
    )
    assert one == again != later


def test_a_thin_stage_trigger_is_the_same_within_the_hour() -> None:
    body = sample("amocrm_lead_status_thin_digital_pipeline.form")
    keys = [
        read(AMOCRM, raw(body, at=NOW.replace(hour=hour, minute=minute))).dedupe_key
        for hour, minute in ((9, 0), (9, 20), (10, 0))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_another_account_is_refused() -> None:
    form = _form("leads[add][0]", ADDED, id="12", subdomain="romashka")
    assert read(AMOCRM, form, {"account_id": "12", "subdomain": "romashka"}).events
    for wrong in ({"account_id": "13"}, {"subdomain": "other"}):
        with pytest.raises(UnreadableDelivery):
            read(AMOCRM, form, wrong)


@pytest.mark.parametrize("body", ["", "a=b", "leads=5", "leads[add]=x", "[]", "{", "leads[add][0][name]=x"])
def test_what_amocrm_does_not_send(body: str) -> None:
    with pytest.raises(UnreadableDelivery):
        read(AMOCRM, body)


def test_the_token_in_the_address_is_the_proof() -> None:
    body = sample("amocrm_lead_status_full_2018.form")
    assert is_proven(AMOCRM, raw(body, query=f"token={SECRET}"), "x" * 16, SECRET)
    for query in ("", f"token={SECRET[:-1]}r", f"Token={SECRET}", "token=", "token=%ff%fe"):
        assert not is_proven(AMOCRM, raw(body, query=query), SECRET)
