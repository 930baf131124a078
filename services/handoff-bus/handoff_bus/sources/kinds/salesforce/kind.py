"""Kind `salesforce`. The secret is the OrganizationId that messages name; Salesforce signs nothing.

A new `Lead` is an inbound lead, with the fields that the administrator chose for the message; nothing else has words in
the bus. A notification keeps its id when it is sent again.
"""

import hmac
import re
from collections.abc import Sequence

from handoff_bus.sources.formats.events import contact, hashed
from handoff_bus.sources.formats.instants import from_iso
from handoff_bus.sources.formats.proofs import TOKEN_PARAMETER, check_network, check_query_token, read_text
from handoff_bus.sources.kinds.inbound import inbound_lead
from handoff_bus.sources.kinds.kind import BadSignature, ProviderAnswer, SourceKind, Trust, UnreadableDelivery
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.salesforce.settings import SalesforceSettings
from handoff_bus.sources.kinds.salesforce.soap import ACK, Notification, message_of
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

ID_LENGTH_MIN = 15
_SESSION = re.compile(rb"(<(?:[\w.-]+:)?SessionId[^<>/]*>)[^<]*(</)")


def trust(settings: SalesforceSettings) -> Trust:
    """As much as the settings ask for."""
    if settings.url_token is not None:
        return "token"
    return "address" if settings.networks else "none"


def verify(request: RawRequest, keys: Sequence[bytes], settings: SalesforceSettings) -> None:
    """Compares the organization, and what else the settings ask for. Raises BadSignature."""
    if settings.networks:
        check_network(request, settings.networks)
    if settings.url_token is not None:
        check_query_token(request, [settings.url_token.get_secret_value().encode()])
    try:
        organization = message_of(request.body).organization_id.encode("utf-8", "replace")
    except UnreadableDelivery:
        raise BadSignature from None
    # The last three of eighteen characters only check the case of the others.
    matches = [hmac.compare_digest(key[:ID_LENGTH_MIN], organization[:ID_LENGTH_MIN]) for key in keys]
    if len(organization) < ID_LENGTH_MIN or not any(matches):
        raise BadSignature


def parse(request: RawRequest, settings: SalesforceSettings) -> Reading:
    """The inbound leads, or why nothing. Raises UnreadableDelivery."""
    message = message_of(request.body)
    key = hashed(message.organization_id, *(notification.id for notification in message.notifications))
    events = tuple(_lead(told, request, settings) for told in message.notifications if told.type == "Lead")
    topic = ",".join(sorted({notification.type for notification in message.notifications}))
    silence = None if events else Silence("nothing_to_say", f"{topic[:200]} has no words in the bus.")
    return Reading(key, events, silence, topic=topic)


def _lead(told: Notification, request: RawRequest, settings: SalesforceSettings) -> OutsideEvent:
    known = told.fields
    person = contact(
        name=known.get("Name") or " ".join(filter(None, (known.get("FirstName"), known.get("LastName")))),
        phones=[known.get("Phone", ""), known.get("MobilePhone", "")],
        emails=[known.get("Email", "")],
        position=known.get("Title", ""),
    )
    return inbound_lead(
        request,
        settings,
        lead=known.get("Id") or told.id,
        asked_at=from_iso(known.get("CreatedDate", "")),
        company=known.get("Company", ""),
        contacts=[person],
        campaign=known.get("LeadSource", ""),
        more={"city": known.get("City", "")[:500], "website": known.get("Website", "")[:500]},
    )


def redact_body(body: bytes) -> bytes:
    """The body without the session, by which Salesforce could be called."""
    return _SESSION.sub(rb"\1[redacted]\2", body)


def answer(_: RawRequest, __: SalesforceSettings) -> ProviderAnswer:
    """Salesforce sends for a day until the body says that it was acknowledged; status 200 is not enough."""
    return ProviderAnswer(ACK, media_type="text/xml; charset=utf-8")


def read_organization(secret: str) -> bytes:
    """The OrganizationId. Raises ValueError."""
    if len(secret) not in {ID_LENGTH_MIN, 18} or not secret.isalnum():
        msg = "must be the OrganizationId, 15 or 18 letters and digits"
        raise ValueError(msg)
    return read_text(secret)


SALESFORCE = SourceKind(
    name="salesforce",
    settings=SalesforceSettings,
    trust=trust,
    verify=verify,
    parse=parse,
    answer=answer,
    mint_secret=None,
    read_secret=read_organization,
    redacted_query=frozenset({TOKEN_PARAMETER}),
    redact_body=redact_body,
)
