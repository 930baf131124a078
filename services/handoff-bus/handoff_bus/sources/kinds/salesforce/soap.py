"""The envelope of an outbound message, read by a parser that knows no document type and no entity."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from handoff_bus.sources.formats.trees import unreadable

NOTIFICATIONS_MAX = 500
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

ACK = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification: its id, the type of its object and the fields that the administrator chose."""

    id: str
    type: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """An outbound message."""

    organization_id: str
    notifications: tuple[Notification, ...]


def message_of(body: bytes) -> Message:
    """The message in a body. Raises UnreadableDelivery, also for a document type, an entity, or no envelope."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        raise unreadable("", "must be XML without a document type") from None
    outer = root.find(f"{_SOAP}Body/{_OUTBOUND}notifications")
    if root.tag != f"{_SOAP}Envelope" or outer is None:
        raise unreadable("", "must be an outbound message")
    notifications = tuple(_notifications(outer))
    if not 0 < len(notifications) <= NOTIFICATIONS_MAX:
        raise unreadable("", "must hold notifications")
    return Message((outer.findtext(f"{_OUTBOUND}OrganizationId") or "").strip(), notifications)


def _notifications(outer: Element) -> Iterator[Notification]:
    for found in outer.findall(f"{_OUTBOUND}Notification"):
        thing = found.find(f"{_OUTBOUND}sObject")
        number = (found.findtext(f"{_OUTBOUND}Id") or "").strip()
        if thing is None or not number:
            raise unreadable("", "must hold notifications with an id and an object")
        fields = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in thing}
        yield Notification(number, thing.get(_TYPE, "").rpartition(":")[2], fields)
