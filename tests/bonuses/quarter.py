"""The golden quarter (GOLDEN.md) as facts from the stream."""

from datetime import datetime, timedelta

from conveyor.kit.calendar import BusinessCalendar, Month
from tests.bonuses.department import MOSCOW, PEOPLE, Telling

TOTALS = {
    "Anna": {"2025-09": "10650.00", "2025-10": "0.00", "2025-11": "-1500.00", "2025-12": "0.00"},
    "Boris": {"2025-09": "30000.00", "2025-10": "7500.00", "2025-11": "-5000.00", "2025-12": "0.00"},
    "Vera": {"2025-09": "5000.00", "2025-10": "7500.00", "2025-11": "3500.00", "2025-12": "21800.00"},
}


def golden_quarter(*, without: frozenset[str] = frozenset(), calls: bool = True) -> Telling:
    """All of it, but for the payments named; the calls matter to the SDR alone."""
    told = Telling()
    for name, (role, payroll_number) in PEOPLE.items():
        told.hired(name, role, payroll_number)
    for lead, name in (("L1", "Romashka"), ("L2", "Lutik"), ("L3", "Vasilek")):
        told.lead(lead, name)
    _romashka(told, without=without)
    _lutik(told)
    _vasilek(told)
    if calls:
        _calls(told)
    return told


def _romashka(told: Telling, *, without: frozenset[str]) -> None:
    told.touched("letter_general", "Anna", "L1", "2025-09-08 10:00")
    told.touched("gatekeeper_passed", "Anna", "L1", "2025-09-08 11:10")
    told.touched("need_identified", "Anna", "L1", "2025-09-08 11:10")
    told.touched("letter_decision_maker", "Anna", "L1", "2025-09-08 12:00")
    told.booked("Anna", "L1", "2025-09-09 10:00", "M1")
    told.accepted_by_closing("Boris", "L1", "2025-09-09 11:00", "M1")
    told.signed("L1", "C-17", "2025-09-19 12:00")
    told.accepted_by_account("Vera", "L1", "2025-09-23 10:00")
    for payment_id, when, amount in (
        ("P1", "2025-09-22 12:00", "200000.00"),
        ("P2", "2025-09-29 12:00", "100000.00"),
        ("P3", "2025-09-30T22:10:00Z", "150000.00"),
        ("P4", "2025-11-17 12:00", "120000.00"),
        ("P5", "2025-12-15 12:00", "200000.00"),
        ("P6", "2025-12-25 12:00", "90000.00"),
    ):
        if payment_id not in without:
            told.paid("L1", payment_id, when, amount)
    told.refunded("L1", "R1", "P2", "2025-11-20 12:00", "50000.00")


def _lutik(told: Telling) -> None:
    for kind in ("letter_general", "gatekeeper_passed", "need_identified"):
        told.touched(kind, "Anna", "L2", "2025-09-15 10:00")
    told.booked("Anna", "L2", "2025-09-15 10:30", "M2")
    told.returned("L2", "2025-09-16 10:00", "M2")


def _vasilek(told: Telling) -> None:
    for kind in ("letter_general", "gatekeeper_passed", "need_identified"):
        told.touched(kind, "Anna", "L3", "2025-09-22 10:00")
    told.booked("Anna", "L3", "2025-09-23 10:00", "M3")
    told.accepted_by_closing("Boris", "L3", "2025-09-23 11:00", "M3")


def _calls(told: Telling) -> None:
    days = [day for day in Month(2025, 9).days() if BusinessCalendar(zone=MOSCOW).is_working(day)]
    for number in range(795):
        day = days[number % len(days)]
        when = datetime(day.year, day.month, day.day, 9, tzinfo=MOSCOW) + timedelta(minutes=number // len(days))
        told.called("Anna", when, 60 if number < 495 else 20)
