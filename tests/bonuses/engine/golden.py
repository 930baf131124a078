"""The golden quarter as facts of the engine."""

from itertools import cycle, islice

from conveyor.kit.calendar import Month
from tests.bonuses.engine.story import MOSCOW, Story


def golden_quarter() -> Story:
    story = Story()
    _romashka(story)
    _lutik(story)
    _vasilek(story)
    _annas_calls(story)
    return story


def _romashka(story: Story) -> None:
    story.work("letter_general", "Anna", "L1", "2025-09-08 10:00")
    story.call("Anna", "2025-09-08 11:00", 25)
    story.call("Anna", "2025-09-08 11:10", 140)
    story.work("gatekeeper_passed", "Anna", "L1", "2025-09-08 11:10")
    story.work("need_identified", "Anna", "L1", "2025-09-08 11:10")
    story.work("letter_decision_maker", "Anna", "L1", "2025-09-08 12:00")
    story.call("Anna", "2025-09-09 10:00", 200)
    story.booked("Anna", "L1", "2025-09-09 10:00", "M1")
    story.accepted("Boris", "L1", "2025-09-09 11:00", "M1", deal="D1")
    story.deal("L1", "D1", "2025-09-09 11:00")
    story.contract("L1", "D1", "C-17", "2025-09-19 12:00")
    story.paid("L1", "P1", "2025-09-22 12:00", "200000.00", contract="C-17")
    story.accepted("Vera", "L1", "2025-09-23 10:00", "to account")
    story.paid("L1", "P2", "2025-09-29 12:00", "100000.00", contract="C-17")
    story.paid("L1", "P3", "2025-09-30T22:10Z", "150000.00", contract="C-17")
    story.paid("L1", "P4", "2025-11-17 12:00", "120000.00", contract="C-17")
    story.refunded("L1", "R1", "P2", "2025-11-20 12:00", "50000.00")
    story.paid("L1", "P5", "2025-12-15 12:00", "200000.00", contract="C-17")
    story.paid("L1", "P6", "2025-12-25 12:00", "90000.00", contract="C-17")


def _lutik(story: Story) -> None:
    story.work("letter_general", "Anna", "L2", "2025-09-15 10:00")
    story.call("Anna", "2025-09-15 10:30", 60)
    story.work("gatekeeper_passed", "Anna", "L2", "2025-09-15 10:30")
    story.work("need_identified", "Anna", "L2", "2025-09-15 10:30")
    story.booked("Anna", "L2", "2025-09-15 10:31", "M2")
    story.withdrawn("handoff_returned", "M2", "2025-09-16 10:00", "not_decision_maker")


def _vasilek(story: Story) -> None:
    story.work("letter_general", "Anna", "L3", "2025-09-22 10:00")
    story.call("Anna", "2025-09-22 10:30", 60)
    story.work("gatekeeper_passed", "Anna", "L3", "2025-09-22 10:30")
    story.work("need_identified", "Anna", "L3", "2025-09-22 10:30")
    story.booked("Anna", "L3", "2025-09-23 10:00", "M3")
    story.accepted("Boris", "L3", "2025-09-23 12:00", "M3", deal="D3")


def _annas_calls(story: Story) -> None:
    """495 of at least 30 s in all with the four above, and 300 shorter ones with the one above."""
    days = [day for day in Month(2025, 9).days() if MOSCOW.is_working(day)]
    for index, day in enumerate(islice(cycle(days), 491)):
        story.call("Anna", f"{day} 09:{index % 60:02d}", 30)
    for index, day in enumerate(islice(cycle(days), 299)):
        story.call("Anna", f"{day} 17:{index % 60:02d}", 29)
