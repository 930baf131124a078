"""Senders of kind standard, of CRM systems, and of what has no kind of its own."""

import base64
import json
from datetime import timedelta

from bench.senders.sending import JSON, Order, Sender, Sent, as_json, form, hmac_base64, hmac_hex, standard_headers

PAID_EARLIER = timedelta(hours=1)
TOKENS = ("first-token-of-a-source", "other-token-of-a-source")
LOGINS = ("conveyor:first-password-of-a-source", "conveyor:other-password-of-a-source")
WHSEC = ("whsec_Zmlyc3Qta2V5LW9mLWEtc291cmNlLTMyLWJ5dGVzISE=", "whsec_b3RoZXIta2V5LW9mLWEtc291cmNlLTMyLWJ5dGVzISE=")
ORGANIZATIONS = ("00D5g000004AbcD", "00D5g000004WxyZ")
MAPPED = {
    "rules": [
        {
            "type": "payment.received",
            "fields": {
                "payment_id": {"path": "id"},
                "paid_at": {"path": "paid"},
                "amount.amount": {"path": "sum", "form": "major"},
                "amount.currency": {"value": "RUB"},
                "lead.system": {"value": "contract"},
                "lead.value": {"path": "contract"},
            },
        }
    ]
}


def _payment(order: Order) -> dict[str, object]:
    return {
        "payment_id": f"P{order.number}",
        "paid_at": (order.at - PAID_EARLIER).isoformat(),
        "amount": {"amount": "4500.00", "currency": "RUB"},
        "lead": {"system": "contract", "value": f"C-{order.number}"},
    }


def _standard(order: Order) -> Sent:
    event = {"type": "payment.received", "timestamp": order.at.isoformat(), "data": _payment(order)}
    body = json.dumps(event).encode()
    return Sent(body, standard_headers(order, body, JSON))


def _cloudevents(order: Order) -> Sent:
    event = {"specversion": "1.0", "type": "payment.received", "source": "/bank", "id": f"e{order.number}"}
    body = json.dumps({**event, "data": _payment(order)}).encode()
    headers = {"content-type": "application/cloudevents+json", "authorization": f"Bearer {order.secret}"}
    return Sent(body, headers)


def _mapped(order: Order) -> Sent:
    paid = (order.at - PAID_EARLIER).isoformat()
    sent = as_json({"id": f"P{order.number}", "paid": paid, "sum": "4500.00", "contract": f"C-{order.number}"})
    return Sent(sent.body, {**sent.headers, "x-signature": hmac_hex(order.secret, sent.body)})


def _amocrm(order: Order) -> Sent:
    lead = {"id": order.number, "name": "Romashka", "date_create": int(order.at.timestamp()) - 5, "pipeline_id": 12}
    fields = {f"leads[add][0][{name}]": value for name, value in lead.items()}
    return form({**fields, "account[id]": "900", "account[subdomain]": "acme"}, query=f"token={order.secret}")


def _bitrix24(order: Order) -> Sent:
    return form(
        {
            "event": "ONCRMDEALUPDATE",
            "data[FIELDS][ID]": order.number,
            "ts": int(order.at.timestamp()),
            "auth[domain]": "acme.bitrix24.example",
            "auth[member_id]": "5d1f77",
            "auth[application_token]": order.secret,
        }
    )


def _hubspot(order: Order) -> Sent:
    at_ms = int(order.at.timestamp() * 1000)
    event = {"eventId": order.number, "subscriptionId": 21, "portalId": 33, "appId": 44, "occurredAt": at_ms}
    event |= {"attemptNumber": 0, "objectId": order.number}
    sent = as_json([{**event, "subscriptionType": "contact.creation"}])
    signature = hmac_base64(order.secret, f"POST{order.url}".encode() + sent.body + str(at_ms).encode())
    proof = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": str(at_ms)}
    return Sent(sent.body, {**sent.headers, **proof})


def _pipedrive(order: Order) -> Sent:
    meta = {"action": "create", "entity": "lead", "entity_id": f"lead-{order.number}", "id": order.number}
    meta |= {"attempt": 1, "company_id": 7, "timestamp": order.at.isoformat(), "version": "2.0", "webhook_id": "12"}
    login = base64.b64encode(order.secret.encode()).decode()
    return as_json({"meta": meta, "data": {"title": "Romashka"}, "previous": None}, authorization=f"Basic {login}")


def _salesforce(order: Order) -> Sent:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{order.secret}</OrganizationId><ActionId>04k01</ActionId>"
        f'<Notification><Id>04l{order.number:09}</Id><sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:Lead">'
        f"<sf:Id>00Q{order.number:09}</sf:Id><sf:Company>Romashka</sf:Company><sf:LastName>Petrova</sf:LastName>"
        "</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
    )
    return Sent(body.encode(), {"content-type": "text/xml"})


CRM = (
    Sender("standard", WHSEC, _standard),
    Sender("cloudevents", TOKENS, _cloudevents),
    Sender("mapped", TOKENS, _mapped, MAPPED),
    Sender("amocrm", TOKENS, _amocrm),
    Sender("bitrix24", TOKENS, _bitrix24),
    Sender("hubspot", TOKENS, _hubspot),
    Sender("pipedrive", LOGINS, _pipedrive),
    Sender("salesforce", ORGANIZATIONS, _salesforce),
)
