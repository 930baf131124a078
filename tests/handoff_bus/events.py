"""Bodies of webhooks for tests."""

from typing import Any

Json = dict[str, Any]
SENT_AT = "2026-03-09T10:00:00Z"


def payment(payment_id: str = "P1", *, lead: Json | None = None, **data: Any) -> Json:
    """A payment of 1000.00 RUB."""
    whole = {
        "payment_id": payment_id,
        "paid_at": "2026-03-09T12:00:00+03:00",
        "amount": {"amount": "1000.00", "currency": "RUB"},
        "lead": lead or {"system": "contract", "value": "C-17"},
        **data,
    }
    return {"type": "payment.received", "timestamp": SENT_AT, "data": whole}


def refund(refund_id: str = "R1", *, payment_id: str = "P1", amount: str = "100.00", **data: Any) -> Json:
    """A refund of a payment."""
    whole = {
        "refund_id": refund_id,
        "payment_id": payment_id,
        "refunded_at": "2026-03-09T13:00:00+03:00",
        "amount": {"amount": amount, "currency": "RUB"},
        **data,
    }
    return {"type": "payment.refunded", "timestamp": SENT_AT, "data": whole}


def call(call_id: str = "K1", *, extension: str = "101", lead: Json | None = None, **data: Any) -> Json:
    """A call of a minute by whoever has the extension."""
    whole = {
        "call_id": call_id,
        "direction": "out",
        "started_at": "2026-03-09T11:00:00+03:00",
        "duration_seconds": 60,
        "employee": {"system": "extension", "value": extension},
        "lead": lead or {"system": "phone", "value": "+7 495 000-00-01"},
        **data,
    }
    return {"type": "call.finished", "timestamp": SENT_AT, "data": whole}


def inbound_lead(*, lead: Json | None = None, contacts: list[Json] | None = None, **data: Any) -> Json:
    """An inbound lead."""
    whole = {
        "lead": lead or {"system": "crm:site", "value": "form-1"},
        "company": {"name": "Ромашка"},
        "contacts": contacts or [],
        "channel": "site",
        "mechanics": "warm",
        **data,
    }
    return {"type": "lead.received", "timestamp": SENT_AT, "data": whole}


def reply(reply_id: str = "A1", *, lead: Json | None = None, **data: Any) -> Json:
    """An answer to a letter."""
    whole = {
        "reply_id": reply_id,
        "received_at": "2026-03-09T14:00:00+03:00",
        "lead": lead or {"system": "email", "value": "Office@R.example"},
        "kind": "interested",
        **data,
    }
    return {"type": "reply.received", "timestamp": SENT_AT, "data": whole}
