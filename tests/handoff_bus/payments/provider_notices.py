"""Notices of payment systems for tests: the providers' own keys, our own values; signed as the providers sign."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]
SECRET = "k7Zt-not-a-real-secret"


def cloudpayments_pay(**fields: str) -> dict[str, str]:
    """A Pay notification."""
    return {
        "TransactionId": "880011",
        "Amount": "4500.00",
        "Currency": "RUB",
        "PaymentAmount": "4500.00",
        "PaymentCurrency": "RUB",
        "InvoiceId": "S-205",
        "AccountId": "buyer@romashka.example",
        "Name": "PETR IVANOV",
        "Email": "buyer@romashka.example",
        "DateTime": "2026-03-09 08:15:30",
        "CardFirstSix": "220000",
        "CardLastFour": "0042",
        "Description": "Оплата заказа",
        "AuthCode": "A1B2C3",
        "TestMode": "0",
        "Status": "Completed",
        **fields,
    }


def cloudpayments_refund(transaction_id: str = "880099", amount: str = "700.00", **fields: str) -> dict[str, str]:
    """A Refund notification of that payment."""
    return {
        "TransactionId": transaction_id,
        "PaymentTransactionId": "880011",
        "Amount": amount,
        "DateTime": "2026-03-09 09:00:00",
        "OperationType": "Refund",
        "InvoiceId": "S-205",
        "Data": "",
        **fields,
    }


def lower_escapes(fields: dict[str, str]) -> bytes:
    """A form as CloudPayments encodes it: escapes in lower case."""
    encoded = urlencode(fields)
    parts = encoded.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])]).encode()


def hmac_base64(body: bytes, secret: str = SECRET) -> str:
    """Content-HMAC."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def tbank(status: str = "CONFIRMED", *, amount: int = 450_000, secret: str = SECRET, **fields: Any) -> bytes:
    """A notification with its Token; None leaves a field out."""
    body = {
        "TerminalKey": "1700000000777",
        "OrderId": "S-205",
        "Success": True,
        "Status": status,
        "PaymentId": 700123,
        "ErrorCode": "0",
        "Amount": amount,
        "CardId": 4455,
        "Pan": "220000******0042",
        "ExpDate": "0930",
        **fields,
    }
    body = {name: value for name, value in body.items() if value is not None}
    flat = {name: value for name, value in body.items() if not isinstance(value, dict)} | {"Password": secret}
    texts = [str(flat[name]).lower() if isinstance(flat[name], bool) else str(flat[name]) for name in sorted(flat)]
    token = hashlib.sha256("".join(texts).encode()).hexdigest()
    return json.dumps({**body, "Token": token}, ensure_ascii=False).encode()


def robokassa(out_sum: str = "4500.000000", *, algorithm: str = "md5", secret: str = SECRET, **fields: str) -> bytes:
    """A ResultURL call; `fields` whose names begin with shp are signed too."""
    invoice = fields.pop("InvId", "20517")
    extras = {name: fields[name] for name in sorted(fields) if name.lower().startswith("shp")}
    signed = ":".join([out_sum, invoice, secret, *(f"{name}={value}" for name, value in extras.items())])
    value = hashlib.new(algorithm, signed.encode()).hexdigest().upper()
    return urlencode({"OutSum": out_sum, "InvId": invoice, "SignatureValue": value, **fields}).encode()


def stripe(type_: str, told: Json, *, at: datetime, event_id: str = "evt_900", **more: Any) -> bytes:
    """An event; `previous` are its previous attributes."""
    previous = more.pop("previous", None)
    data = {"object": told} if previous is None else {"object": told, "previous_attributes": previous}
    event = {
        "id": event_id,
        "object": "event",
        "api_version": "2020-08-27",
        "created": int(at.timestamp()),
        "data": data,
        "livemode": True,
        "pending_webhooks": 1,
        "type": type_,
        **more,
    }
    return json.dumps(event).encode()


def stripe_signature(body: bytes, *, at: datetime, secret: str = SECRET) -> str:
    """Stripe-Signature with one v1."""
    stamp = str(int(at.timestamp()))
    value = hmac.new(secret.encode(), stamp.encode() + b"." + body, "sha256").hexdigest()
    return f"t={stamp},v1={value}"


def intent(**fields: Any) -> Json:
    """A payment intent of 4500.00 EUR."""
    return {
        "id": "pi_501",
        "object": "payment_intent",
        "amount": 450_000,
        "amount_received": 450_000,
        "currency": "eur",
        "livemode": True,
        "metadata": {"contract": "C-17"},
        "status": "succeeded",
        **fields,
    }


def charge(*, refunded: int, **fields: Any) -> Json:
    """The charge of that intent, partly refunded."""
    return {
        "id": "ch_501",
        "object": "charge",
        "amount": 450_000,
        "amount_captured": 450_000,
        "amount_refunded": refunded,
        "captured": True,
        "currency": "eur",
        "livemode": True,
        "payment_intent": "pi_501",
        "metadata": {},
        **fields,
    }


def yookassa(event: str, told: Json) -> bytes:
    """A notification."""
    return json.dumps({"type": "notification", "event": event, "object": told}, ensure_ascii=False).encode()


def yookassa_payment(**fields: Any) -> Json:
    """A succeeded payment as the API tells it."""
    return {
        "id": "2f00aa11-000f-5000-9000-1b2c3d4e5f60",
        "status": "succeeded",
        "paid": True,
        "amount": {"value": "4500.00", "currency": "RUB"},
        "income_amount": {"value": "4342.50", "currency": "RUB"},
        "created_at": "2026-03-09T08:10:00.120Z",
        "captured_at": "2026-03-09T08:15:30.500Z",
        "description": "Заказ S-205",
        "metadata": {"order_id": "S-205"},
        "refundable": True,
        "test": False,
        **fields,
    }


def yookassa_refund(refund_id: str = "2f00bb22-0015-5000-8000-000000000001", **fields: Any) -> Json:
    """A succeeded refund in part as the API tells it."""
    return {
        "id": refund_id,
        "payment_id": "2f00aa11-000f-5000-9000-1b2c3d4e5f60",
        "status": "succeeded",
        "created_at": "2026-03-09T11:20:33.017+03:00",
        "amount": {"value": "700.00", "currency": "RUB"},
        **fields,
    }
