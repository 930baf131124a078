"""The golden quarter: one worked example with exact figures, as people and systems would enter it.

Three people, three leads, four months of 2025. `Story` plays any such example: what people do goes through the REST
APIs, what telephony and the bank know goes through webhooks, which may come in any order and more than once.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")
MONTHS = ("2025-09", "2025-10", "2025-11", "2025-12")
SUCCESSFUL_CALLS, SHORT_CALLS = 495, 300
TALK_SECONDS, SHORT_SECONDS = 45, 12


@dataclass(frozen=True)
class Person:
    """An employee of the story."""

    name: str
    role: str
    payroll_number: str
    extension: str


@dataclass(frozen=True)
class Hook:
    """One webhook: which source sends it, under which id, and its body."""

    source: str
    webhook_id: str
    event: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """Something that a person records: `verb` is a method of `storyteller.Storyteller`, `at` its business time."""

    verb: str
    lead: str
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """People, chains, companies, what people record (in order), and what outside systems push (in any order)."""

    people: tuple[Person, ...]
    chains: tuple[tuple[str, tuple[str, ...]], ...]
    companies: dict[str, str]
    steps: tuple[Step, ...]
    hooks: tuple[Hook, ...]
    months: tuple[str, ...]


ANNA = Person("Anna", "sdr", "0101", "101")
BORIS = Person("Boris", "ae", "0201", "201")
VERA = Person("Vera", "am", "0301", "301")
GLEB = Person("Gleb", "ae", "0202", "202")

EXPECTED = {
    "2025-09": {"Anna": "10650.00", "Boris": "30000.00", "Vera": "5000.00"},
    "2025-10": {"Anna": "0.00", "Boris": "7500.00", "Vera": "7500.00"},
    "2025-11": {"Anna": "-1500.00", "Boris": "-5000.00", "Vera": "3500.00"},
    "2025-12": {"Anna": "0.00", "Boris": "0.00", "Vera": "21800.00"},
}
EXPECTED_LATE = {
    "2025-09": {"Anna": "4650.00", "Boris": "10000.00", "Vera": "5000.00"},
    "2025-10": {"Anna": "6000.00", "Boris": "27500.00", "Vera": "7500.00"},
    "2025-11": EXPECTED["2025-11"],
    "2025-12": EXPECTED["2025-12"],
}


def moscow(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time of the department in 2025."""
    return datetime(2025, month, day, hour, minute, tzinfo=MOSCOW)


def call(number: int, started_at: datetime, seconds: int, *, person: Person, phone: str) -> Hook:
    """A finished call, as telephony pushes it."""
    data = {
        "call_id": f"call-{number}",
        "direction": "out",
        "started_at": started_at.isoformat(),
        "duration_seconds": seconds,
        "employee": {"system": "extension", "value": person.extension},
        "lead": {"system": "phone", "value": phone},
    }
    return Hook("telephony", f"t-{number}", _event("call.finished", started_at, data))


def payment(payment_id: str, paid_at: datetime, amount: str, *, contract: str, currency: str = "RUB") -> Hook:
    """A payment, as the bank pushes it."""
    data = {
        "payment_id": payment_id,
        "paid_at": paid_at.isoformat(),
        "amount": {"amount": amount, "currency": currency},
        "lead": {"system": "contract", "value": contract},
    }
    return Hook("bank", f"b-{payment_id}", _event("payment.received", paid_at, data))


def refund(refund_id: str, payment_id: str, refunded_at: datetime, amount: str, *, currency: str = "RUB") -> Hook:
    """A refund of one payment, as the bank pushes it."""
    data = {
        "refund_id": refund_id,
        "payment_id": payment_id,
        "refunded_at": refunded_at.isoformat(),
        "amount": {"amount": amount, "currency": currency},
    }
    return Hook("bank", f"b-{refund_id}", _event("payment.refunded", refunded_at, data))


def golden_quarter() -> Story:
    """The story with all its webhooks in business order."""
    return Story(
        people=(ANNA, BORIS, VERA),
        chains=(("Alpha", ("Anna", "Boris", "Vera")),),
        companies={"L1": "Romashka", "L2": "Lutik", "L3": "Vasilek"},
        steps=(*_romashka(), *_lutik(), *_vasilek()),
        hooks=(*_september_calls(), *_payments()),
        months=MONTHS,
    )


def phone_of(lead: str) -> str:
    """The phone under which telephony knows a lead of the story."""
    return f"+7495000{int(lead[1:]):04d}"


def _romashka() -> tuple[Step, ...]:
    return (
        Step("touch", "L1", moscow(9, 8, 10), {"by": "Anna", "kind": "letter_general"}),
        Step("touch", "L1", moscow(9, 8, 11, 12), {"by": "Anna", "kind": "gatekeeper_passed"}),
        Step(
            "touch", "L1", moscow(9, 8, 11, 13), {"by": "Anna", "kind": "need_identified", "note": "Нужен единый учёт"}
        ),
        Step("touch", "L1", moscow(9, 8, 12), {"by": "Anna", "kind": "letter_decision_maker"}),
        Step("book_meeting", "L1", moscow(9, 9, 10, 5), {"by": "Anna", "starts_at": moscow(9, 11, 15)}),
        Step("accept", "L1", moscow(9, 9, 11), {"by": "Boris"}),
        Step("meeting_outcome", "L1", moscow(9, 11, 16), {"by": "Boris", "outcome": "held"}),
        Step("sign_contract", "L1", moscow(9, 19, 12), {"by": "Boris", "number": "C-17"}),
        Step("accept_client", "L1", moscow(9, 23, 10), {"by": "Vera"}),
    )


def _lutik() -> tuple[Step, ...]:
    return (
        Step("touch", "L2", moscow(9, 15, 10), {"by": "Anna", "kind": "letter_general"}),
        Step("touch", "L2", moscow(9, 15, 11, 2), {"by": "Anna", "kind": "gatekeeper_passed"}),
        Step("touch", "L2", moscow(9, 15, 11, 3), {"by": "Anna", "kind": "need_identified"}),
        Step("book_meeting", "L2", moscow(9, 15, 11, 4), {"by": "Anna", "starts_at": moscow(9, 17, 15)}),
        Step("return_handoff", "L2", moscow(9, 16, 10), {"by": "Boris", "reason": "not_decision_maker"}),
    )


def _vasilek() -> tuple[Step, ...]:
    return (
        Step("touch", "L3", moscow(9, 22, 10), {"by": "Anna", "kind": "letter_general"}),
        Step("touch", "L3", moscow(9, 22, 11, 2), {"by": "Anna", "kind": "gatekeeper_passed"}),
        Step("touch", "L3", moscow(9, 22, 11, 3), {"by": "Anna", "kind": "need_identified"}),
        Step("book_meeting", "L3", moscow(9, 23, 10), {"by": "Anna", "starts_at": moscow(9, 25, 15)}),
        Step("accept", "L3", moscow(9, 23, 12), {"by": "Boris"}),
        Step("meeting_outcome", "L3", moscow(9, 25, 16), {"by": "Boris", "outcome": "held"}),
        Step("lose_deal", "L3", moscow(9, 30, 12), {"by": "Boris", "reason": "no_budget"}),
    )


def _september_calls() -> tuple[Hook, ...]:
    told = [
        (moscow(9, 8, 11), 25, "L1"),
        (moscow(9, 8, 11, 10), 140, "L1"),
        (moscow(9, 9, 10), 200, "L1"),
        (moscow(9, 15, 11), 60, "L2"),
        (moscow(9, 22, 11), 60, "L3"),
    ]
    hooks = [
        call(number, at, seconds, person=ANNA, phone=phone_of(lead)) for number, (at, seconds, lead) in enumerate(told)
    ]
    successful = SUCCESSFUL_CALLS - sum(1 for _, seconds, _ in told if seconds >= 30)
    for offset in range(successful + SHORT_CALLS):
        seconds = TALK_SECONDS if offset < successful else SHORT_SECONDS
        at = _working_moment(offset)
        hooks.append(call(len(told) + offset, at, seconds, person=ANNA, phone=f"+7812{offset:07d}"))
    return tuple(hooks)


def _working_moment(offset: int) -> datetime:
    """Spread calls over the working days of September, a few minutes apart."""
    days = [date(2025, 9, day) for day in range(1, 31) if date(2025, 9, day).isoweekday() <= 5]
    day = days[offset % len(days)]
    return moscow(9, day.day, 9) + timedelta(minutes=8 * (offset // len(days)))


def _payments() -> tuple[Hook, ...]:
    p3_at = datetime.fromisoformat("2025-09-30T22:10:00+00:00")
    return (
        payment("P1", moscow(9, 22, 12), "200000.00", contract="C-17"),
        payment("P2", moscow(9, 29, 12), "100000.00", contract="C-17"),
        payment("P3", p3_at, "150000.00", contract="C-17"),
        payment("P4", moscow(11, 17, 12), "120000.00", contract="C-17"),
        refund("R1", "P2", moscow(11, 20, 12), "50000.00"),
        payment("P5", moscow(12, 15, 12), "200000.00", contract="C-17"),
        payment("P6", moscow(12, 25, 12), "90000.00", contract="C-17"),
    )


def _event(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "timestamp": at.isoformat(), "data": data}
