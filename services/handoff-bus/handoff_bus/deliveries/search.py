"""What deliveries are asked for: by state, source, time, name, outside id, and the text of the body."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, quote_plus
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import BYTEA

from conveyor.kit.refusals import Invalid
from handoff_bus.deliveries.letter import Letter
from handoff_bus.deliveries.tables import Delivery
from handoff_bus.employees.rules import normal_name
from handoff_bus.references.rules import normal_value
from handoff_bus.sources.kinds.standard.schema import RefundEvent
from handoff_bus.sources.tables import Source

DeliveryState = Literal["received", "published", "parked", "rejected", "quarantined"]
TEXT_RANGE_MAX = timedelta(days=31)
_OUTSIDE_KINDS = ("call", "payment", "refund", "reply")
_ENCODINGS = ("utf-8", "cp1251", "cp866")
_HEX = re.compile(rb"%[0-9A-F]{2}")
_POINTS = re.compile(rb"(\\u)([0-9a-f]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySearch:
    """Every one that is given must hold; times are half-open. `reference` is `system:value`."""

    state: DeliveryState | None = None
    source: str | None = None
    type: str | None = None
    reason: str | None = None
    lead_id: UUID | None = None
    employee_id: UUID | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None
    reference: str | None = None
    outside_id: str | None = None
    text: str | None = None


def names_in(letters: Iterable[Letter]) -> set[str]:
    """What these letters name, as deliveries keep it to be found: `contract:C-17`, `extension:101`, `payment:P1`."""
    names = set()
    for letter in letters:
        names |= {f"{system}:{value}" for system, value in letter.names if value}
        if letter.employee is not None:
            names.add(":".join(letter.employee))
        if letter.outside_id is not None:
            names.add(":".join(letter.outside_id))
        if isinstance(letter.event, RefundEvent) and letter.event.data.payment_id:
            names.add(f"payment:{letter.event.data.payment_id}")
    return names


def matching(search: DeliverySearch) -> ColumnElement[bool]:
    """The condition on deliveries joined with their sources. Raises Invalid naming the field that makes no sense."""
    wanted: dict[Any, Any] = {
        Delivery.state: search.state,
        Source.name: search.source,
        Delivery.type: search.type,
        Delivery.reason: search.reason,
        Delivery.lead_id: search.lead_id,
        Delivery.employee_id: search.employee_id,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    conditions += _received(search)
    if search.reference is not None:
        conditions.append(Delivery.names.overlap(_forms(search.reference)))
    if search.outside_id is not None:
        conditions.append(Delivery.names.overlap([f"{kind}:{search.outside_id}" for kind in _OUTSIDE_KINDS]))
    if search.text is not None:
        conditions.append(_holds(search, search.text))
    return and_(literal(value=True), *conditions)


def _received(search: DeliverySearch) -> list[ColumnElement[bool]]:
    since, until = search.received_from, search.received_until
    if since is not None and until is not None and since >= until:
        raise Invalid.field(pointer="/received_until", message="must lie after received_from")
    conditions = [] if since is None else [Delivery.received_at >= since]
    return conditions if until is None else [*conditions, Delivery.received_at < until]


def _forms(reference: str) -> list[str]:
    system, colon, value = reference.partition(":")
    if system == "crm":
        source, colon, value = value.partition(":")
        system = f"crm:{source}"
    if not colon or not value.strip():
        raise Invalid.field(pointer="/reference", message="must be system:value, such as contract:C-17")
    # A lead's name and an employee's name of the same system are compared in forms of their own.
    return sorted({f"{system}:{form(system=system, value=value)}" for form in (normal_value, normal_name)})


def _holds(search: DeliverySearch, wanted: str) -> ColumnElement[bool]:
    since, until = search.received_from, search.received_until
    if since is None or until is None or until - since > TEXT_RANGE_MAX:
        message = f"every body of the time is read: give received_from and received_until, {TEXT_RANGE_MAX.days} days"
        raise Invalid.field(pointer="/text", message=message)
    written = [func.pg_catalog.position(Delivery.body, literal(form, BYTEA)) > 0 for form in written_forms(wanted)]
    # Bodies are read apart from the page's order, or an old stretch of time would cost every delivery before it.
    found = select(Delivery.delivery_id).where(*_received(search), or_(*written)).cte("found")
    return Delivery.delivery_id.in_(select(found.prefix_with("MATERIALIZED", dialect="postgresql").c.delivery_id))


def written_forms(text: str) -> list[bytes]:
    """How the text may stand in a body: plain in three encodings, as a form and as JSON write it."""
    escaped = json.dumps(text)[1:-1].encode()
    forms = {quote(text).encode(), quote_plus(text).encode(), escaped}
    forms |= {_HEX.sub(lambda digits: digits[0].lower(), form) for form in forms}
    forms.add(_POINTS.sub(lambda digits: digits[1] + digits[2].upper(), escaped))
    for encoding in _ENCODINGS:
        with suppress(UnicodeEncodeError):
            forms.add(text.encode(encoding))
    return sorted(forms)
