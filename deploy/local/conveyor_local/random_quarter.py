"""A department's quarter from a seed: more people, more leads, and everything that makes pay hard to get right.

Instalments, a pause of a month, refunds in parts and before their payment, lost deals, returned handoffs, cancelled and
missed meetings, payments around midnight and month ends written in two zones. The same seed gives the same story.
"""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from conveyor_local.golden_quarter import MONTHS, MOSCOW, Hook, Person, Step, Story, call, payment, phone_of, refund

PEOPLE_PER_ROLE = 5
LEADS = 60
CALLS_PER_SDR = 40
VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
_FATES = ("paying",) * 6 + ("returned", "cancelled", "missed", "lost")
_LAST_MOMENT = datetime(2025, 12, 31, 20, 0, tzinfo=UTC)


def random_quarter(seed: int, *, leads: int = LEADS) -> Story:
    """A story of `leads` leads over September to December 2025."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    people = _people()
    steps: list[Step] = []
    hooks: list[Hook] = _calls(chance, people)
    companies = {f"L{number}": f"Company {number:03d}" for number in range(1, leads + 1)}
    for number, lead in enumerate(companies):
        sdr, ae, am = (people[role * PEOPLE_PER_ROLE + chance.randrange(PEOPLE_PER_ROLE)] for role in range(3))
        fate = _FATES[number % len(_FATES)]
        lead_steps, signed_at = _line(chance, lead, fate, (sdr, ae, am))
        steps += lead_steps
        if signed_at is not None:
            hooks += _money(chance, lead, signed_at)
    return Story(people, _chains(people), companies, tuple(steps), tuple(hooks), MONTHS)


def _people() -> tuple[Person, ...]:
    roles = ("sdr", "ae", "am")
    return tuple(
        Person(f"{role.upper()} {number}", role, f"{place}{number:03d}", f"{place}{number:02d}")
        for place, role in enumerate(roles, start=1)
        for number in range(1, PEOPLE_PER_ROLE + 1)
    )


def _chains(people: tuple[Person, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    names = [person.name for person in people]
    return tuple(
        (f"Chain {number + 1}", tuple(names[number + role * PEOPLE_PER_ROLE] for role in range(3)))
        for number in range(PEOPLE_PER_ROLE)
    )


def _line(
    chance: random.Random, lead: str, fate: str, people: tuple[Person, Person, Person]
) -> tuple[list[Step], datetime | None]:
    """The lead's way along the line, and when its contract was signed, if it was."""
    sdr, ae, am = (person.name for person in people)
    at = datetime(2025, 9, 1, 9, tzinfo=MOSCOW) + timedelta(minutes=chance.randrange(60 * 24 * 50))
    steps = [
        Step("touch", lead, at + timedelta(minutes=offset), {"by": sdr, "kind": kind})
        for offset, kind in enumerate(
            ("letter_general", "gatekeeper_passed", "need_identified", "letter_decision_maker")
        )
        if chance.random() < 0.8
    ]
    meeting_at = at + timedelta(days=2)
    steps.append(Step("book_meeting", lead, at + timedelta(hours=1), {"by": sdr, "starts_at": meeting_at}))
    if fate == "cancelled":
        return [
            *steps,
            Step("cancel_meeting", lead, at + timedelta(days=1), {"by": sdr, "reason": "client_cancelled"}),
        ], None
    if fate == "returned":
        return [*steps, Step("return_handoff", lead, at + timedelta(days=1), {"by": ae, "reason": "no_need"})], None
    outcome = "missed" if fate == "missed" else "held"
    steps.append(Step("accept", lead, at + timedelta(hours=5), {"by": ae}))
    steps.append(Step("meeting_outcome", lead, meeting_at + timedelta(hours=1), {"by": ae, "outcome": outcome}))
    if fate in {"missed", "lost"}:
        return [*steps, Step("lose_deal", lead, meeting_at + timedelta(days=3), {"by": ae, "reason": "timing"})], None
    signed_at = meeting_at + timedelta(days=chance.randrange(1, 8))
    steps.append(Step("sign_contract", lead, signed_at, {"by": ae, "number": f"C-{lead[1:]}"}))
    steps.append(Step("accept_client", lead, signed_at + timedelta(hours=chance.randrange(1, 72)), {"by": am}))
    return steps, signed_at


def _money(chance: random.Random, lead: str, signed_at: datetime) -> list[Hook]:
    hooks: list[Hook] = []
    at = signed_at + timedelta(hours=1)
    for number in range(chance.randrange(2, 7)):
        at += timedelta(days=chance.choice((1, 6, 20, 34, 65)), minutes=chance.randrange(600))
        if chance.random() < 0.35:
            at = _around_month_end(chance, at)
        if at > _LAST_MOMENT:
            break
        written = at.astimezone(chance.choice((MOSCOW, UTC, VLADIVOSTOK)))
        amount_minor = chance.randrange(1_000_00, 400_000_00)
        payment_id = f"P-{lead}-{number}"
        hooks.append(payment(payment_id, written, _amount(amount_minor), contract=f"C-{lead[1:]}"))
        hooks += _refunds(chance, payment_id, at, amount_minor)
    return hooks


def _around_month_end(chance: random.Random, at: datetime) -> datetime:
    """Within two minutes of midnight between two months, on the department's wall clock."""
    local = at.astimezone(MOSCOW).replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)
    return local.replace(day=1) + timedelta(seconds=chance.randrange(-120, 120))


def _refunds(chance: random.Random, payment_id: str, paid_at: datetime, amount_minor: int) -> list[Hook]:
    """Sometimes nothing, a part, two equal parts, the whole, or more than was paid; one may precede its payment."""
    shares = chance.choice(((), (), (), (), (3,), (4, 4), (1,), (2, 2, 2)))
    hooks = []
    for number, share in enumerate(shares):
        at = paid_at + timedelta(days=chance.choice((-1, 0, 2, 25, 40)), minutes=number)
        hooks.append(
            refund(f"R-{payment_id}-{number}", payment_id, min(at, _LAST_MOMENT), _amount(amount_minor // share))
        )
    return hooks


def _calls(chance: random.Random, people: tuple[Person, ...]) -> list[Hook]:
    sdrs = people[:PEOPLE_PER_ROLE]
    hooks = []
    for number in range(CALLS_PER_SDR * len(sdrs)):
        at = datetime(2025, 9, 1, 9, tzinfo=MOSCOW) + timedelta(minutes=chance.randrange(60 * 24 * 60))
        phone = phone_of(f"L{chance.randrange(1, 2 * LEADS)}")
        hooks.append(call(number, at, chance.randrange(5, 300), person=sdrs[number % len(sdrs)], phone=phone))
    return hooks


def _amount(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"
