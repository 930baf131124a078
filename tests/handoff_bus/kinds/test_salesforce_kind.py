"""Salesforce outbound messages."""

from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.salesforce.kind import SALESFORCE
from tests.handoff_bus.kinds.deliveries_of_kinds import facts, is_proven, raw, read, sample, silence

ORGANIZATION = "00DAp000000Qw1ZEAS"
ACCOUNT = sample("salesforce_outbound_message_account.xml")
BATCH = sample("salesforce_outbound_message_opportunity_batch.xml")


def test_samples_without_words_in_the_bus() -> None:
    """An opportunity may lack its amount and its currency; a won one is no payment."""
    assert (silence(read(SALESFORCE, ACCOUNT)), read(SALESFORCE, ACCOUNT).topic) == ("nothing_to_say", "Account")
    assert (silence(read(SALESFORCE, BATCH)), read(SALESFORCE, BATCH).topic) == ("nothing_to_say", "Opportunity")


def _leads(**fields: str) -> bytes:
    body = BATCH.replace(b"sf:Opportunity", b"sf:Lead")
    inside = "".join(f"<sf:{name}>{value}</sf:{name}>" for name, value in fields.items())
    return body.replace(b"<sf:IsWon>true</sf:IsWon>", inside.encode())


def test_a_batch_of_leads_is_as_many_inbound_leads() -> None:
    body = _leads(
        Company="Ромашка &amp; Ко",
        FirstName="Анна",
        LastName="Цой",
        Email="a@r.example",
        Phone="+7 495 000-00-22",
        CreatedDate="2026-02-24T12:00:00.000Z",
        City="Тверь",
    )
    reading = read(SALESFORCE, body)
    assert [fact["lead"]["value"] for fact in facts(reading)] == ["006Ap00000Lm3c3AAA", "006Ap00000Lm3c4AAA"]
    assert reading.events[0].timestamp.isoformat() == "2026-02-24T12:00:00+00:00"
    lead = facts(reading)[0]
    assert lead["company"] == {"name": "Ромашка & Ко", "city": "Тверь"}
    assert lead["contacts"] == [{"name": "Анна Цой", "phone": "+7 495 000-00-22", "email": "a@r.example"}]


def test_fields_are_those_that_the_administrator_chose() -> None:
    (first, _) = facts(read(SALESFORCE, _leads()))
    assert first["company"] == {"name": "crm 006Ap00000Lm3c3AAA"}


def test_a_notification_keeps_its_id_when_sent_again() -> None:
    again = BATCH.replace(b"<sf:StageName>Closed Won", b"<sf:StageName>Won")
    assert read(SALESFORCE, BATCH).dedupe_key == read(SALESFORCE, again).dedupe_key
    assert read(SALESFORCE, BATCH).dedupe_key != read(SALESFORCE, ACCOUNT).dedupe_key


def test_the_answer_acknowledges_in_its_body() -> None:
    assert SALESFORCE.answer is not None
    answer = SALESFORCE.answer(raw(BATCH), SALESFORCE.settings())
    assert b"<Ack>true</Ack>" in answer.body
    assert (answer.status, answer.media_type) == (200, "text/xml; charset=utf-8")


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, b"<!DOCTYPE x>"])
def test_document_types_and_entities_are_refused(doctype: bytes) -> None:
    start = b'<?xml version="1.0" encoding="UTF-8"?>'
    body = ACCOUNT.replace(start, start + doctype).replace(b"Romashka LLC", b"&b;")
    with pytest.raises(UnreadableDelivery):
        read(SALESFORCE, body)
    assert not is_proven(SALESFORCE, raw(body), ORGANIZATION)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<a/>", ACCOUNT[:-20], ACCOUNT.replace(b"<Id>", b"<I>").replace(b"</Id>", b"</I>"), b"\xff\xfe<"],
)
def test_what_salesforce_does_not_send(body: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        read(SALESFORCE, body)


def test_deep_nesting_is_refused_without_harm() -> None:
    with pytest.raises(UnreadableDelivery):
        read(SALESFORCE, b"<a>" * 60_000 + b"</a>" * 60_000)


def test_the_organization_is_compared_in_fifteen_or_eighteen_letters() -> None:
    for secret in (ORGANIZATION, ORGANIZATION[:15]):
        assert is_proven(SALESFORCE, raw(ACCOUNT), secret)
    assert not is_proven(SALESFORCE, raw(ACCOUNT), ORGANIZATION.replace("Q", "q"))
    assert not is_proven(SALESFORCE, raw(ACCOUNT.replace(b"00DAp000000Qw1ZEAS", b"00DAp")), ORGANIZATION)


@pytest.mark.parametrize(
    ("settings", "trust"), [({}, "none"), ({"networks": ["13.108.0.0/14"]}, "address"), ({"url_token": "t"}, "token")]
)
def test_the_trust_follows_the_settings(settings: dict[str, Any], trust: str) -> None:
    assert SALESFORCE.trust(SALESFORCE.settings.model_validate(settings)) == trust


def test_networks_and_the_token_in_the_address() -> None:
    for sender, inside in (("13.110.1.1", True), ("10.0.0.1", False), (None, False), ("x", False)):
        assert is_proven(SALESFORCE, raw(ACCOUNT, sender=sender), ORGANIZATION, networks=["13.108.0.0/14"]) is inside
    for query, right in (("token=abc", True), ("token=abd", False), ("", False)):
        assert is_proven(SALESFORCE, raw(ACCOUNT, query=query), ORGANIZATION, url_token="abc") is right


def test_the_session_is_never_stored() -> None:
    body = ACCOUNT.replace(b'<SessionId xsi:nil="true"/>', b"<SessionId>00D!secret.x</SessionId>")
    kept = SALESFORCE.redact_body(body)
    assert b"00D!secret" not in kept
    assert read(SALESFORCE, kept) == read(SALESFORCE, body)
