"""Senders of payment systems: each tells of a payment of 4500.00 for an invoice."""

import hashlib
import json
from datetime import timedelta

from bench.senders.crm import TOKENS
from bench.senders.sending import JSON, Order, Sender, Sent, as_json, form, hmac_base64, hmac_hex, sha256_hex

PAID_EARLIER = timedelta(minutes=1)


def _cloudpayments(order: Order) -> Sent:
    told = {"TransactionId": order.number, "Amount": "4500.00", "Currency": "RUB", "InvoiceId": f"S-{order.number}"}
    told |= {"DateTime": f"{order.at - PAID_EARLIER:%Y-%m-%d %H:%M:%S}", "TestMode": "0", "Status": "Completed"}
    sent = form(told, query="type=pay")
    return Sent(sent.body, {**sent.headers, "content-hmac": hmac_base64(order.secret, sent.body)}, sent.query)


def _tbank(order: Order) -> Sent:
    told: dict[str, object] = {"TerminalKey": "1700000000", "OrderId": f"S-{order.number}", "Success": True}
    told |= {"Status": "CONFIRMED", "PaymentId": order.number, "ErrorCode": "0", "Amount": 450_000, "Pan": "2200*0042"}
    flat = {**told, "Password": order.secret}
    texts = ["true" if flat[name] is True else str(flat[name]) for name in sorted(flat)]
    return as_json({**told, "Token": sha256_hex("".join(texts))})


def _robokassa(order: Order) -> Sent:
    signed = f"4500.000000:{order.number}:{order.secret}"
    proof = hashlib.md5(signed.encode()).hexdigest()  # noqa: S324 - what Robokassa signs with by default
    return form({"OutSum": "4500.000000", "InvId": order.number, "SignatureValue": proof.upper()})


def _stripe(order: Order) -> Sent:
    intent = {"id": f"pi_{order.number}", "object": "payment_intent", "amount": 450_000, "amount_received": 450_000}
    intent |= {"currency": "eur", "livemode": True, "status": "succeeded", "metadata": {"invoice": f"S-{order.number}"}}
    event = {"id": f"evt_{order.number}", "object": "event", "created": int(order.at.timestamp()), "livemode": True}
    body = json.dumps({**event, "type": "payment_intent.succeeded", "data": {"object": intent}}).encode()
    stamp = str(int(order.at.timestamp()))
    proof = f"t={stamp},v1={hmac_hex(order.secret, stamp.encode() + b'.' + body)}"
    return Sent(body, {"content-type": JSON, "stripe-signature": proof})


def _yookassa(order: Order) -> Sent:
    told = {"id": f"2f00aa11-000f-5000-9000-{order.number:012}", "status": "succeeded", "paid": True, "test": False}
    told |= {"amount": {"value": "4500.00", "currency": "RUB"}, "metadata": {"order_id": f"S-{order.number}"}}
    told |= {"captured_at": (order.at - PAID_EARLIER).isoformat()}
    return as_json({"type": "notification", "event": "payment.succeeded", "object": told})


PAYMENTS = (
    Sender("cloudpayments", TOKENS, _cloudpayments),
    Sender("tbank", TOKENS, _tbank),
    Sender("robokassa", TOKENS, _robokassa),
    Sender("stripe", TOKENS, _stripe),
    Sender("yookassa", TOKENS, _yookassa),
)
