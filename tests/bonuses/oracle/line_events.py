"""Records of the line as the facts that the services say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from conveyor.contracts.account import ClientOwnerChanged
from conveyor.contracts.closing import DealOwnerChanged, MeetingMissed
from conveyor.contracts.outside import CallRecorded
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.kit.messaging.events import Event
from conveyor.kit.money import Money
from tests.bonuses.department import Telling, at, id_of
from tests.bonuses.oracle.line_world import PEOPLE_OF, TOUCHES, Told


def everybody() -> Telling:
    """The people, hired long ago."""
    told = Telling()
    for number, (name, role) in enumerate((name, role) for role, names in PEOPLE_OF.items() for name in names):
        told.hired(name, role, f"{number:04d}")
    return told


def events_of(records: list[Told]) -> list[Event[Any]]:
    told = Telling()
    for record in records:
        _tell(told, record)
    return told.events


def booking_causes(records: list[Told]) -> dict[str, str]:
    """The cause of a booked meeting's line by the record's: a fact is known by the id of its event."""
    return {f"fact:{item.id}": f"fact:{events_of([item])[0].id}" for item in records if item.what == "booked"}


def _tell(told: Telling, record: Told) -> None:
    when, money = _text(record.at), Money(record.minor, "RUB").text
    if record.what in TOUCHES:
        told.touched(record.what, record.who, record.lead, when)
        return
    match record.what:
        case "booked":
            told.booked(record.who, record.lead, when, record.id)
        case "returned":
            told.returned(record.lead, when, record.about)
        case "accepted_closing":
            told.accepted_by_closing(record.who, record.lead, when, record.about)
        case "accepted_account":
            told.accepted_by_account(record.who, record.lead, when)
        case "paid":
            told.paid(record.lead, record.id, when, money)
        case "refunded":
            told.refunded(record.lead, record.id, record.about, when, money)
        case "called":
            call = {"call_id": record.id, "source": "telephony", "direction": "out", "started_at": at(when)}
            people = {"employee_id": id_of(record.who), "delivery_id": id_of("delivery of", record.id)}
            told.say(CallRecorded.model_validate({**call, **people, "duration_seconds": record.minor}), when)
        case _:
            _change(told, record, when)


def _change(told: Telling, record: Told, when: str) -> None:
    lead_id, deal_id, meeting_id = id_of(record.lead), id_of("deal", record.lead), id_of(record.about)
    change: dict[str, Any] = {
        "lead_id": lead_id,
        "revision": record.minor,
        "employee_id": _who(record),
        "from_at": at(when),
    }
    match record.what:
        case "owner_closing":
            told.say(DealOwnerChanged(deal_id=deal_id, **change), when, service="closing")
        case "owner_account":
            told.say(ClientOwnerChanged(**change), when, service="account")
        case "missed":
            missed = MeetingMissed(meeting_id=meeting_id, lead_id=lead_id, deal_id=deal_id, employee_id=id_of("Boris"))
            told.say(missed, when, service="closing")
        case "cancelled":
            cancelled = MeetingCancelled(
                meeting_id=meeting_id,
                lead_id=lead_id,
                handoff_id=id_of("handoff", record.about),
                reason="client_cancelled",
            )
            told.say(cancelled, when, service="telemarketing")
        case unknown:
            raise ValueError(unknown)


def _who(record: Told) -> UUID | None:
    return id_of(record.who) if record.who else None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
