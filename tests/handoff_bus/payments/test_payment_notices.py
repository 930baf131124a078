"""What notices of payment systems say: every shape, and every oddity, by name."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.stripe.sums import sum_of
from tests.handoff_bus.payments.provider_notices import (
    charge,
    cloudpayments_pay,
    cloudpayments_refund,
    intent,
    lower_escapes,
    robokassa,
    stripe,
    tbank,
    yookassa,
    yookassa_payment,
    yookassa_refund,
)

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
Json = dict[str, Any]


def read(kind: str, body: bytes, *, query: str = "", **settings: Any) -> Reading:
    media = "application/json" if body[:1] in {b"{", b"["} else "application/x-www-form-urlencoded"
    request = RawRequest(headers={"content-type": media}, body=body, at=AT, query=query)
    return KINDS[kind].parse(request, KINDS[kind].settings(**settings))


def said(reading: Reading) -> Json:
    (event,) = reading.events
    return event.data.model_dump(mode="json", exclude_none=True)


def silence(reading: Reading) -> str:
    assert reading.silence is not None
    assert reading.events == ()
    return reading.silence.reason


def test_cloudpayments_pay_and_refund() -> None:
    reading = read("cloudpayments", lower_escapes(cloudpayments_pay()), query="type=pay")
    assert said(reading) == {
        "payment_id": "880011",
        "paid_at": "2026-03-09T08:15:30Z",
        "amount": {"amount": "4500.00", "currency": "RUB"},
        "lead": {"system": "invoice", "value": "S-205"},
    }
    refund = read("cloudpayments", lower_escapes(cloudpayments_refund()))
    assert said(refund)["payment_id"] == "880011"
    assert said(refund)["refund_id"] == "880099"
    assert said(refund)["amount"] == {"amount": "700.00", "currency": "RUB"}


def test_gotcha_cloudpayments_check_comes_before_the_payment_and_never_counts() -> None:
    body = lower_escapes(cloudpayments_pay())
    assert silence(read("cloudpayments", body, query="type=check")) == "nothing_to_say"
    assert silence(read("cloudpayments", body, notification="check")) == "nothing_to_say"
    assert silence(read("cloudpayments", lower_escapes(cloudpayments_pay(AuthCode="")))) == "nothing_to_say"
    keys = {read("cloudpayments", body, query=f"type={name}").dedupe_key for name in ("check", "pay", "confirm")}
    assert len(keys) == 3


def test_gotcha_cloudpayments_test_mode_never_earns() -> None:
    body = lower_escapes(cloudpayments_pay(TestMode="1"))
    assert silence(read("cloudpayments", body, query="type=pay")) == "test_traffic"


def test_gotcha_cloudpayments_sum_is_in_the_currency_of_the_order_not_as_converted() -> None:
    fields = cloudpayments_pay(Amount="100.50", Currency="USD", PaymentAmount="9100.00", PaymentCurrency="RUB")
    assert said(read("cloudpayments", lower_escapes(fields)))["amount"] == {"amount": "100.50", "currency": "USD"}


def test_gotcha_cloudpayments_data_is_json_in_a_string() -> None:
    fields = cloudpayments_pay(Data='{"contract": "C-17", "cloudPayments": {"recurrent": {"period": 1}}}')
    reading = read("cloudpayments", urlencode(fields).encode())
    assert said(reading)["lead"] == {"system": "contract", "value": "C-17"}
    assert said(read("cloudpayments", lower_escapes(cloudpayments_pay(Data="{broken"))))["lead"]["system"] == "invoice"


@pytest.mark.parametrize("two_stage", [False, True])
def test_cloudpayments_other_types_and_two_stages(*, two_stage: bool) -> None:
    body = lower_escapes(cloudpayments_pay())
    assert (read("cloudpayments", body, query="type=pay", two_stage=two_stage).events == ()) is two_stage
    assert (read("cloudpayments", body, query="type=confirm", two_stage=two_stage).events != ()) is two_stage
    for name in ("fail", "cancel", "receipt"):
        assert silence(read("cloudpayments", body, query=f"type={name}")) == "nothing_to_say"
    declined = lower_escapes(cloudpayments_pay(Status="Declined", ReasonCode="5051"))
    assert read("cloudpayments", declined).topic == "fail"
    recurrent = urlencode({"Id": "sc_1", "Amount": "2.00", "Currency": "RUB", "Interval": "Month", "Status": "PastDue"})
    assert read("cloudpayments", recurrent.encode()).topic == "recurrent"


def test_tbank_only_confirmed_counts() -> None:
    assert said(read("tbank", tbank())) == {
        "payment_id": "700123",
        "paid_at": "2026-03-10T09:00:00Z",
        "amount": {"amount": "4500.00", "currency": "RUB"},
        "lead": {"system": "invoice", "value": "S-205"},
    }
    for status in ("AUTHORIZED", "REJECTED", "REVERSED", "RECEIPT", "DEADLINE_EXPIRED", ""):
        assert silence(read("tbank", tbank(status))) == "nothing_to_say"
    assert silence(read("tbank", tbank(Success=False))) == "nothing_to_say"


def test_gotcha_tbank_ids_are_numbers_or_strings_and_demo_terminals_are_tests() -> None:
    assert said(read("tbank", tbank(PaymentId="700123"))) == said(read("tbank", tbank(PaymentId=700123)))
    assert silence(read("tbank", tbank(TerminalKey="1700000000777DEMO"))) == "test_traffic"


def test_gotcha_tbank_two_equal_partial_refunds_ask_get_state_each() -> None:
    reading = read("tbank", tbank("PARTIAL_REFUNDED", amount=70_000))
    assert [(plan.method, plan.url) for plan in reading.fetches] == [
        ("POST", "https://securepay.tinkoff.ru/v2/GetState")
    ]
    assert reading.events == ()


def test_robokassa_sums_have_six_decimals_or_none() -> None:
    expected = {
        "payment_id": "20517",
        "paid_at": "2026-03-10T09:00:00Z",
        "amount": {"amount": "4500.00", "currency": "RUB"},
        "lead": {"system": "contract", "value": "C-17"},
    }
    for sum_, name in (("4500.000000", "Shp_contract"), ("4500", "SHP_Contract"), ("4500.0", "shpcontract")):
        assert said(read("robokassa", robokassa(sum_, **{name: "C-17"}))) == expected
    assert said(read("robokassa", robokassa(), order_is="contract"))["lead"]["system"] == "contract"
    assert silence(read("robokassa", robokassa(IsTest="1"))) == "test_traffic"
    with pytest.raises(UnreadableDelivery):
        read("robokassa", robokassa("4500.001"))


@pytest.mark.parametrize(
    ("type_", "told"),
    [
        ("payment_intent.succeeded", intent()),
        ("charge.succeeded", charge(refunded=0, metadata={"contract": "C-17"})),
        (
            "invoice.paid",
            {"id": "in_1", "object": "invoice", "amount_paid": 450_000, "currency": "eur", "payment_intent": "pi_501"}
            | {"metadata": {"contract": "C-17"}, "number": "EE1-0001"},
        ),
        (
            "checkout.session.completed",
            {"id": "cs_1", "object": "checkout.session", "amount_total": 450_000, "currency": "eur"}
            | {"payment_intent": {"id": "pi_501"}, "payment_status": "paid", "metadata": {"Contract": "C-17"}},
        ),
    ],
)
def test_stripe_events_tell_the_same_payment(type_: str, told: Json) -> None:
    assert said(read("stripe", stripe(type_, told, at=AT))) == {
        "payment_id": "pi_501",
        "paid_at": "2026-03-10T09:00:00Z",
        "amount": {"amount": "4500.00", "currency": "EUR"},
        "lead": {"system": "contract", "value": "C-17"},
    }


def test_gotcha_stripe_charge_refunded_tells_a_cumulative_total() -> None:
    event = stripe("charge.refunded", charge(refunded=300), at=AT, previous={"amount_refunded": 100})
    assert said(read("stripe", event))["amount"] == {"amount": "2.00", "currency": "EUR"}
    assert said(read("stripe", event))["payment_id"] == "pi_501"
    first = stripe("charge.refunded", charge(refunded=100), at=AT, previous={"amount_refunded": 0})
    assert said(read("stripe", first))["refund_id"] != said(read("stripe", event))["refund_id"]
    for object_event in ("refund.created", "charge.refund.updated"):
        assert silence(read("stripe", stripe(object_event, {"id": "re_1", "amount": 100}, at=AT))) == "nothing_to_say"


def test_gotcha_stripe_livemode_false_never_earns() -> None:
    for event in (
        stripe("payment_intent.succeeded", intent(), at=AT, livemode=False),
        stripe("payment_intent.succeeded", intent(livemode=False), at=AT),
        stripe("payment_intent.succeeded", intent(), at=AT, livemode=None),
    ):
        assert silence(read("stripe", event)) == "test_traffic"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (2000, "usd", "20.00"),
        (2000, "jpy", "2000"),
        (2000, "kwd", "2.000"),
        (2000, "mga", "2000.00"),
        (2000, "isk", "20"),
        (2000, "ugx", "20"),
        (1, "rub", "0.01"),
    ],
)
def test_gotcha_stripe_smallest_units_depend_on_the_currency(amount: int, currency: str, text: str) -> None:
    assert sum_of(amount, currency, pointer="/amount").text == text


def test_stripe_disputes_take_money_when_it_is_withdrawn() -> None:
    dispute = {"id": "dp_1", "amount": 450_000, "charge": "ch_501", "payment_intent": "pi_501", "currency": "eur"}
    assert silence(read("stripe", stripe("charge.dispute.created", dispute, at=AT))) == "nothing_to_say"
    withdrawn = said(read("stripe", stripe("charge.dispute.funds_withdrawn", dispute, at=AT)))
    assert (withdrawn["refund_id"], withdrawn["payment_id"]) == ("dp_1", "pi_501")


def test_stripe_failures_and_unpaid_checkouts_move_nothing() -> None:
    told: Mapping[str, Json] = {
        "invoice.payment_failed": {"id": "in_1", "amount_paid": 0, "currency": "eur"},
        "invoice.paid": {"id": "in_1", "amount_paid": 0, "currency": "eur"},
        "checkout.session.completed": {"id": "cs_1", "payment_status": "unpaid", "amount_total": 5, "currency": "eur"},
        "charge.succeeded": charge(refunded=0, captured=False),
    }
    for type_, body in told.items():
        assert silence(read("stripe", stripe(type_, body, at=AT))) == "nothing_to_say"


def test_yookassa_is_told_and_then_asked() -> None:
    reading = read("yookassa", yookassa("payment.succeeded", yookassa_payment()), shop_id="1")
    assert said(reading) == {
        "payment_id": "2f00aa11-000f-5000-9000-1b2c3d4e5f60",
        "paid_at": "2026-03-09T08:15:30.500000Z",
        "amount": {"amount": "4500.00", "currency": "RUB"},
        "lead": {"system": "invoice", "value": "S-205"},
    }
    assert len(reading.fetches) == 1
    refund = said(read("yookassa", yookassa("refund.succeeded", yookassa_refund()), shop_id="1"))
    assert (refund["refunded_at"], refund["amount"]["amount"]) == ("2026-03-09T08:20:33.017000Z", "700.00")


def test_gotcha_yookassa_test_waiting_float_and_pending() -> None:
    told = yookassa_payment(test=True)
    assert silence(read("yookassa", yookassa("payment.succeeded", told), shop_id="1")) == "test_traffic"
    waiting = yookassa_payment(status="waiting_for_capture")
    assert silence(read("yookassa", yookassa("payment.waiting_for_capture", waiting), shop_id="1")) == "nothing_to_say"
    assert silence(read("yookassa", yookassa("payout.succeeded", yookassa_payment()), shop_id="1")) == "nothing_to_say"
    odd = yookassa_refund(amount={"value": 250.0, "currency": "RUB"})
    assert said(read("yookassa", yookassa("refund.succeeded", odd)))["amount"]["amount"] == "250.00"
    pending = read("yookassa", yookassa("refund.succeeded", {**odd, "status": "pending"}), shop_id="1")
    assert (pending.events, len(pending.fetches)) == ((), 1)


@pytest.mark.parametrize("path", ["../payments/x", "a/b", "", "a?b", "а"])
def test_an_id_cannot_lead_the_call_elsewhere(path: str) -> None:
    with pytest.raises(UnreadableDelivery):
        read("yookassa", yookassa("payment.succeeded", yookassa_payment(id=path)), shop_id="1")


@pytest.mark.parametrize("url", ["http://example.com", "ftp://x", "https://u:p@x", "https://x?a", "file:///etc", "x"])
def test_apis_are_asked_by_https_only(url: str) -> None:
    with pytest.raises(ValueError, match="api_url"):
        KINDS["yookassa"].settings(api_url=url)
