"""Any JSON, by field paths in the settings."""

import base64
import hmac
import json
from typing import Any

import pytest
from pydantic import ValidationError

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.mapped.kind import MAPPED
from tests.handoff_bus.kinds.deliveries_of_kinds import facts, is_proven, raw, read, silence

SECRET = "k" * 32
PAYMENT_RULE = {
    "when": {"event": ["paid", "captured"]},
    "type": "payment.received",
    "timestamp": {"path": "sent", "form": "unix_ms"},
    "fields": {
        "payment_id": {"path": "order.no"},
        "paid_at": {"path": "order.when", "form": "iso"},
        "amount.amount": {"path": "order.sum", "form": "minor"},
        "amount.currency": {"path": "order.cur"},
        "lead.system": {"value": "invoice"},
        "lead.value": {"path": "order.refs.0.invoice"},
    },
}
CALL_RULE = {
    "when": {"event": "call"},
    "type": "call.finished",
    "fields": {
        "call_id": {"path": "id"},
        "direction": {"path": "way", "map": {"1": "in", "2": "out"}},
        "started_at": {"path": "at", "form": "unix"},
        "duration_seconds": {"path": "talk", "form": "milliseconds"},
        "employee.system": {"value": "extension"},
        "employee.value": {"path": "ext"},
        "lead.system": {"value": "phone"},
        "lead.value": {"path": "phone"},
    },
}
SETTINGS: dict[str, Any] = {
    "zone": "Europe/Moscow",
    "test": "is_test",
    "dedupe": ["no"],
    "rules": [PAYMENT_RULE, CALL_RULE],
}
ORDER = {"no": 17, "when": "2026-03-09T12:00:00", "sum": 4500050, "cur": "rub", "refs": [{"invoice": "I-3"}]}
PAID = {"no": "d1", "event": "paid", "sent": 1771934400000, "order": ORDER}
CALL = {"event": "call", "id": 5, "way": 2, "at": "1771934400", "talk": 61900, "ext": 101, "phone": "+74950000015"}


def _read(body: Any, **settings: Any) -> Any:
    return read(MAPPED, json.dumps(body), {**SETTINGS, **settings})


def test_a_payment_in_minor_units_and_local_time() -> None:
    reading = _read(PAID)
    assert reading.events[0].timestamp.isoformat() == "2026-02-24T12:00:00+00:00"
    assert facts(reading) == [
        {
            "type": "payment.received",
            "payment_id": "17",
            "paid_at": "2026-03-09T09:00:00Z",
            "amount": {"amount": "45000.50", "currency": "RUB"},
            "lead": {"system": "invoice", "value": "I-3"},
        }
    ]


@pytest.mark.parametrize(
    ("form", "amount", "currency", "wire"),
    [
        ("major", "45000.5", "RUB", "45000.50"),
        ("major", "45000,50", "RUB", "45000.50"),
        ("major", "15000.000000", "RUB", "15000.00"),
        ("major", 7, "RUB", "7.00"),
        ("minor", "5", "RUB", "0.05"),
        ("minor", 4500, "JPY", "4500"),
        ("major", "1.234", "KWD", "1.234"),
    ],
)
def test_amounts_in_every_unit(form: str, amount: Any, currency: str, wire: str) -> None:
    fields = {**PAYMENT_RULE["fields"], "amount.amount": {"path": "order.sum", "form": form}}  # type: ignore[dict-item] # a rule is any JSON
    rules = [{**PAYMENT_RULE, "fields": fields}]
    (payment,) = facts(_read({**PAID, "order": {**ORDER, "sum": amount, "cur": currency}}, rules=rules))
    assert payment["amount"] == {"amount": wire, "currency": currency}


@pytest.mark.parametrize("amount", ["", "-5", "1e3", "4.5", None, {"a": 1}, "NaN", 10**20])
def test_amounts_that_are_none(amount: Any) -> None:
    with pytest.raises(UnreadableDelivery):
        _read({**PAID, "order": {**ORDER, "sum": amount}})


def test_values_are_translated_and_durations_become_seconds() -> None:
    (call,) = facts(_read(CALL))
    assert (call["direction"], call["duration_seconds"], call["employee"]["value"]) == ("out", 61, "101")


def test_contacts_are_numbered_fields() -> None:
    fields = {
        "lead.system": {"value": "crm:site"},
        "lead.value": {"path": "form"},
        "company.name": {"path": "firm"},
        "contacts.0.name": {"path": "who"},
        "contacts.0.phone": {"path": "tel"},
        "channel": {"value": "site"},
        "mechanics": {"value": "warm"},
    }
    rule = {"type": "lead.received", "fields": fields}
    (lead,) = facts(_read({"form": 8, "firm": "Ромашка", "who": "Анна", "tel": "+74950000016"}, rules=[rule]))
    assert lead["contacts"] == [{"name": "Анна", "phone": "+74950000016"}]


def test_items_of_an_array_are_events_of_their_own() -> None:
    body = {"no": "b1", "list": [PAID, CALL, {"event": "other"}, {**PAID, "is_test": True}]}
    assert [fact["type"] for fact in facts(_read(body, items="list"))] == ["payment.received", "call.finished"]
    with pytest.raises(UnreadableDelivery):
        _read({"no": "b1"}, items="list")


@pytest.mark.parametrize(("mark", "is_test"), [(True, True), (1, True), ("yes", True), (False, False), ("0", False)])
def test_test_traffic_never_earns(mark: Any, is_test: bool) -> None:
    reading = _read({**PAID, "is_test": mark})
    assert (reading.silence is not None and reading.silence.reason == "test_traffic") is is_test


def test_what_no_rule_fits_says_nothing() -> None:
    assert silence(_read({"event": "refund"})) == "nothing_to_say"
    assert silence(_read([])) == "nothing_to_say"


def test_the_dedupe_key_is_named_or_the_body() -> None:
    assert _read(PAID).dedupe_key == _read({**PAID, "sent": 1771934400001}).dedupe_key
    assert _read(PAID, dedupe=[]).dedupe_key != _read({**PAID, "sent": 1771934400001}, dedupe=[]).dedupe_key


@pytest.mark.parametrize(
    "settings",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"rules": []},
        {"rules": [{**PAYMENT_RULE, "type": "payment.guessed"}]},
        {"rules": [{**PAYMENT_RULE, "fields": {}}]},
        {"rules": [{**PAYMENT_RULE, "fields": {"payment_id": {}}}]},
        {"rules": [{**PAYMENT_RULE, "fields": {"payment_id": {"path": "a", "value": "b"}}}]},
        {"proof_header": "X Signature"},
        {"extra": 1},
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MAPPED.settings.model_validate({**SETTINGS, **settings})


def test_three_proofs() -> None:
    body = json.dumps(PAID).encode()
    digest = hmac.digest(SECRET.encode(), body, "sha256")
    encoded = base64.b64encode(digest).decode()
    signed = {**SETTINGS, "proof_header": "x-hub", "proof_prefix": "sha256="}

    def proven(value: str, content: bytes = body, **settings: Any) -> bool:
        return is_proven(MAPPED, raw(content, headers={"x-hub": value}), SECRET, **{**signed, **settings})

    assert proven(f"sha256={digest.hex()}")
    assert not proven(f"sha256={digest.hex()}", body[:-1] + b"]")
    assert not proven(digest.hex())
    assert not proven("sha256=xyz")
    assert proven(f"sha256={encoded}", encoding="base64")
    assert proven(SECRET, proof="token", proof_prefix="")
    assert not proven(SECRET + "k", proof="token", proof_prefix="")
    assert not proven(SECRET, proof="basic")
    assert MAPPED.trust(MAPPED.settings.model_validate({**signed, "proof": "token"})) == "token"
