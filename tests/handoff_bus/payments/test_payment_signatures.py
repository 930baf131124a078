"""Signatures of payment systems: the published vectors verify, one flipped byte is refused, what is old is stale."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.tbank.token import token_of
from tests.handoff_bus.payments.provider_notices import (
    SECRET,
    cloudpayments_pay,
    hmac_base64,
    intent,
    lower_escapes,
    robokassa,
    stripe,
    stripe_signature,
    tbank,
)

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


def _verify(kind: str, body: bytes, keys: Sequence[str] = (SECRET,), settings: Any = None, **more: Any) -> None:
    found = KINDS[kind]
    request = RawRequest(headers=more.pop("headers", {}), body=body, at=more.pop("at", AT), **more)
    found.verify(request, [key.encode() for key in keys], found.settings(**(settings or {})))


def _is_refused(kind: str, body: bytes, **more: Any) -> bool:
    try:
        _verify(kind, body, **more)
    except BadSignature:
        return True
    return False


@pytest.mark.parametrize(
    ("fields", "password", "token"),
    [
        (
            {
                "TerminalKey": "MerchantTerminalKey",
                "Amount": 19200,
                "OrderId": "21090",
                "Description": "Подарочная карта на 1000 рублей",
            },
            "usaf8fw8fsw21g",
            "0024a00af7c350a3a67ca168ce06502aa72772456662e38696d48b56ee9c97d9",
        ),
        (
            {"TerminalKey": "TestBank", "Amount": 123, "DATA": {"Email": "test@mail.loc"}},
            "TestPassword",
            "cdc3ced376c25d0a7e827ca2f5b64b56ade12b6b799b32d35ae0af49d7727a44",
        ),
        (
            {
                "TerminalKey": "1321054611234DEMO",
                "OrderId": "201709",
                "Success": True,
                "Status": "AUTHORIZED",
                "PaymentId": 8742591,
                "ErrorCode": "0",
                "Amount": 9855,
                "CardId": 322264,
                "Pan": "430000******0777",
                "ExpDate": "1122",
                "RebillId": 101709,
            },
            "Dfsfh56dgKl",
            "b906d28e76c6428e37b25fcf86c0adc52c63d503013fdd632e300593d165766b",
        ),
    ],
)
def test_published_tokens_of_tbank(fields: dict[str, Any], password: str, token: str) -> None:
    assert token_of(fields, password.encode()) == token


@pytest.mark.parametrize(
    ("body", "algorithm"),
    [
        (b"OutSum=100&InvId=58&SignatureValue=877D3BAF8381F70E56638C3BC82580C5&shpparam1=None&shpparam2=None", "md5"),
        (b"OutSum=100&InvId=58&SignatureValue=B2111A06F6B7A1E090D38367BF7032D9&shpparam1=Vasia&shpparam2=None", "md5"),
    ],
)
def test_published_signatures_of_robokassa(body: bytes, algorithm: str) -> None:
    _verify("robokassa", body, keys=["test_password2"], settings={"hash_algorithm": algorithm})
    assert _is_refused("robokassa", body, keys=["test_password3"])


def test_published_signature_of_stripe_takes_the_whole_secret() -> None:
    body = b'{\n  "id": "evt_test_webhook",\n  "object": "event",\n  "data": { "object": { "id": "rdr_123", '
    body += b'"object": "terminal.reader" } }\n}'
    header = "t=1700000000,v1=3bfab77baf5f7b6991a46c9b53b6547d7afc56148b10468fcad9f35c1992ffbd"
    at = datetime.fromtimestamp(1700000100, UTC)
    _verify("stripe", body, keys=["whsec_test_secret"], headers={"stripe-signature": header}, at=at)


def test_published_signature_of_cloudpayments() -> None:
    # The body of the published vector, put together from its parts: it has to be the same to the byte.
    places = {
        "IpCity": "Санкт-Петербург",
        "IpRegion": "Санкт-Петербург",
        "IpDistrict": "Северо-Западный федеральный округ",
    }
    fields = {
        "TransactionId": "666",
        "Amount": "123.00",
        "Currency": "RUB",
        "PaymentAmount": "123.00",
        "PaymentCurrency": "RUB",
        "InvoiceId": "1234567",
        "AccountId": "user@example.com",
        "SubscriptionId": "",
        "Name": "VLADIMIR KOCHNEV",
        "Email": "user@example.com",
        "DateTime": "2015-11-17 14:51:20",
        "IpAddress": "127.0.0.1",
        "IpCountry": "RU",
        **places,
        "IpLatitude": "59.939000",
        "IpLongitude": "30.315800",
        "CardFirstSix": "411111",
        "CardLastFour": "1111",
        "CardType": "Visa",
        "CardExpDate": "01/19",
        "Issuer": "",
        "IssuerBankCountry": "",
        "Description": "Оплата в example.com",
        "AuthCode": "DEADBEEF",
        "Token": "1234567890",
        "TestMode": "1",
        "Status": "Completed",
    }
    body = lower_escapes(fields).replace(b"user%40", b"user%40")
    mac = "tJW02TMAce4Em8eJTNqjhOax+BYRM5K2D8mX9xsmUUc="
    _verify("cloudpayments", body, keys=["pass"], headers={"content-hmac": mac})
    assert _is_refused("cloudpayments", body.replace(b"%d0", b"%D0"), keys=["pass"], headers={"content-hmac": mac})


def _flips(body: bytes) -> list[bytes]:
    return [body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :] for place in range(0, len(body), 3)]


def test_one_flipped_byte_is_refused() -> None:
    pay = lower_escapes(cloudpayments_pay())
    event = stripe("payment_intent.succeeded", intent(), at=AT)
    signed = {"stripe-signature": stripe_signature(event, at=AT)}
    for flipped in _flips(pay):
        assert _is_refused("cloudpayments", flipped, headers={"content-hmac": hmac_base64(pay)})
    for flipped in _flips(event):
        assert _is_refused("stripe", flipped, headers=signed)
    for name, value in [("OutSum", "4500.000001"), ("InvId", "20518"), ("Shp_contract", "C-18")]:
        forged = robokassa(Shp_contract="C-17")
        start = forged.index(name.encode()) + len(name) + 1
        stop = forged.find(b"&", start) if b"&" in forged[start:] else len(forged)
        assert _is_refused("robokassa", forged[:start] + value.encode() + forged[stop:])
    for old, new in [(b"450000", b"450001"), (b"CONFIRMED", b"CONFIRMEE"), (b"true", b"false"), (b"S-205", b"S-206")]:
        assert _is_refused("tbank", tbank().replace(old, new))


@pytest.mark.parametrize("kind", ["cloudpayments", "tbank", "robokassa", "stripe", "onec_bank"])
def test_nothing_and_nonsense_are_refused(kind: str) -> None:
    for body in (b"", b"{}", b"[]", b"\xff", b"a=b", b'{"Token": 5}'):
        assert _is_refused(kind, body)
        assert _is_refused(kind, body, headers={"stripe-signature": "t=,v1=", "content-hmac": "%%%"})


def test_gotcha_cloudpayments_has_two_headers_over_two_forms_of_the_body() -> None:
    pay = lower_escapes(cloudpayments_pay())
    decoded = "&".join(f"{name}={value}" for name, value in cloudpayments_pay().items()).encode()
    for name in ("content-hmac", "x-content-hmac"):
        for text in (pay, decoded):
            _verify("cloudpayments", pay, headers={name: hmac_base64(text)})
    _verify("cloudpayments", b"", method="GET", query=pay.decode(), headers={"content-hmac": hmac_base64(pay)})


def test_gotcha_stripe_signs_several_times_during_a_rotation_and_never_long_ago() -> None:
    body = stripe("payment_intent.succeeded", intent(), at=AT)
    right = stripe_signature(body, at=AT)
    rotated = right.replace("v1=", f"v1={'0' * 64},v0=x,v1=")
    _verify("stripe", body, keys=["new", SECRET], headers={"stripe-signature": rotated})
    for minutes in (6, -6):
        with pytest.raises(StaleTimestamp):
            _verify("stripe", body, headers={"stripe-signature": right}, at=AT + timedelta(minutes=minutes))
    assert _is_refused("stripe", body, headers={"stripe-signature": right.replace("v1=", "v0=")})


@pytest.mark.parametrize("algorithm", ["md5", "sha256", "sha384", "sha512"])
def test_gotcha_robokassa_signs_the_sum_as_received_by_the_shops_hash(algorithm: str) -> None:
    body = robokassa("15000.000000", algorithm=algorithm, shpB="2", SHP_a="я")
    _verify("robokassa", body, settings={"hash_algorithm": algorithm})
    assert _is_refused("robokassa", body.replace(b"15000.000000", b"15000.00"), settings={"hash_algorithm": algorithm})
    lowered = body.decode().split("SignatureValue=")[1][:16]
    _verify(
        "robokassa", body.replace(lowered.encode(), lowered.lower().encode()), settings={"hash_algorithm": algorithm}
    )


def test_gotcha_tbank_leaves_nested_fields_out_of_the_token() -> None:
    _verify("tbank", tbank(DATA={"Route": "TCB", "Source": "Installment"}))
    _verify("tbank", tbank(PaymentId="700123", CardId="4455"))


def test_gotcha_yookassa_is_let_in_by_address_only_where_the_bus_sees_it() -> None:
    _verify("yookassa", b"{}")
    networks = {"networks": ["185.71.76.0/27", "2a02:5180::/32"]}
    for sender in ("185.71.76.9", "2a02:5180::7"):
        _verify("yookassa", b"{}", settings=networks, sender=sender)
    for stranger in ("185.71.76.33", "127.0.0.1", None, "nonsense"):
        assert _is_refused("yookassa", b"{}", settings=networks, sender=stranger)
