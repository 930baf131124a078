"""A line of three stages as plain records in local time: what happened, and when the books hear of it."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SDRS, AES, AMS = ("Anna", "Alla"), ("Boris", "Clara"), ("Vera", "Wanda")
PEOPLE_OF = {"sdr": SDRS, "ae": AES, "am": AMS}
TOUCHES = ("letter_general", "gatekeeper_passed", "need_identified", "letter_decision_maker")
MONTHS = tuple(f"2025-{number:02d}" for number in range(8, 13))
_FIRST = datetime(2025, 8, 1, 9)  # noqa: DTZ001 - a wall clock of the story


@dataclass(frozen=True)
class Told:
    """One record. `about` is the meeting that a booking, its end or an acceptance is about, or a refund's payment."""

    what: str
    at: datetime
    lead: str = ""
    who: str = ""
    id: str = ""
    about: str = ""
    minor: int = 0


@dataclass
class Heard:
    """What is known so far, by kind."""

    records: list[Told] = field(default_factory=list)

    def of(self, *whats: str, lead: str | None = None) -> list[Told]:
        return [item for item in self.records if item.what in whats and lead in {None, item.lead}]

    def leads(self) -> list[str]:
        return sorted({item.lead for item in self.records if item.lead})

    def payments(self, lead: str) -> list[Told]:
        return sorted(self.of("paid", lead=lead), key=lambda item: (item.at, item.id))

    def refunds_of(self, payment: Told) -> list[tuple[Told, datetime, int]]:
        """(refund, when it counts, counted so far) in order; what exceeds the payment does not count."""
        so_far, found = 0, []
        for refund in sorted(self.of("refunded", lead=payment.lead), key=lambda item: (item.at, item.id)):
            if refund.about == payment.id:
                so_far = min(payment.minor, so_far + refund.minor)
                found.append((refund, max(refund.at, payment.at), so_far))
        return found

    def gone(self, payment: Told) -> bool:
        refunds = self.refunds_of(payment)
        return bool(refunds) and refunds[-1][2] == payment.minor

    def owner(self, stage: str, lead: str, at: datetime) -> str | None:
        """Nobody before the first acceptance; of what begins at one moment the change dated later counts."""
        accepted = sorted(self.of(f"accepted_{stage}", lead=lead), key=lambda item: item.at)
        if not accepted or accepted[0].at > at:
            return None
        begun = [(item.at, 0, item.at, 0, item.who) for item in accepted]
        begun += [
            (max(item.at, accepted[0].at), 1, item.at, item.minor, item.who)
            for item in self.of(f"owner_{stage}", lead=lead)
        ]
        return max(item for item in begun if item[0] <= at)[-1]


def random_story(dice: random.Random) -> list[Told]:
    """Three leads from the first touch to refunds, and everybody's calls, in no order."""
    told = [item for number in range(3) for item in _lead(dice, f"L{number}")]
    for who in SDRS:
        told += [
            Told("called", _some_time(dice), who=who, id=f"{who}-{number}", minor=dice.choice((10, 29, 30, 200)))
            for number in range(dice.randint(0, 60))
        ]
    dice.shuffle(told)
    return told


def in_batches(dice: random.Random, told: list[Told]) -> Iterable[list[Told]]:
    """As they arrive: a few at a time."""
    rest = list(told)
    while rest:
        size = dice.randint(1, 25)
        yield rest[:size]
        rest = rest[size:]


def _some_time(dice: random.Random) -> datetime:
    return _FIRST + timedelta(minutes=dice.randrange(150 * 24 * 60))


def _lead(dice: random.Random, lead: str) -> list[Told]:
    sdr = dice.choice(SDRS)
    booked = _FIRST + timedelta(hours=dice.randrange(40 * 24))
    told = [Told(dice.choice(TOUCHES), booked - timedelta(hours=number), lead, sdr) for number in range(4)]
    meeting = f"{lead}-first"
    told.append(Told("booked", booked, lead, sdr, meeting))
    if dice.random() < 0.4:
        told.append(Told("returned", booked + timedelta(days=1), lead, "Boris", about=meeting))
        sdr, booked, meeting = dice.choice(SDRS), booked + timedelta(days=dice.randint(2, 40)), f"{lead}-second"
        told.append(Told("booked", booked, lead, sdr, meeting))
    accepted = booked + timedelta(days=1)
    told.append(Told("accepted_closing", accepted, lead, dice.choice(AES), about=meeting))
    if dice.random() < 0.4:
        told.append(Told(dice.choice(("cancelled", "missed")), accepted + timedelta(hours=5), lead, about=meeting))
    told.append(Told("accepted_account", accepted + timedelta(days=dice.randint(0, 30)), lead, dice.choice(AMS)))
    for stage, people in (("closing", AES), ("account", AMS)):
        told += [
            Told(f"owner_{stage}", _some_time(dice), lead, dice.choice(people), minor=revision)
            for revision in range(1, 1 + dice.randint(0, 2))
        ]
    return told + _money(dice, lead, accepted)


def _money(dice: random.Random, lead: str, accepted: datetime) -> list[Told]:
    told = []
    for number in range(dice.randint(1, 7)):
        payment, minor = f"{lead}-P{number}", dice.choice((1, 333, 50_001, dice.randint(1, 30_000_000)))
        paid = min(accepted + timedelta(hours=dice.randrange(-48, 110 * 24)), _FIRST + timedelta(days=150))
        if dice.random() < 0.3:
            paid = paid.replace(day=1, hour=0) - timedelta(minutes=dice.choice((0, 1)))
        told.append(Told("paid", paid, lead, id=payment, minor=minor))
        for part in range(dice.choice((0, 0, 1, 2))):
            back = dice.choice((minor, minor + 7, max(1, minor // 3)))
            refunded = paid + timedelta(hours=dice.choice((-30, -1, 0, 1, dice.randrange(60 * 24))))
            told.append(Told("refunded", refunded, lead, id=f"{payment}-R{part}", about=payment, minor=back))
    return told
