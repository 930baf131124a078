"""The call queue: one lead, one person."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from conveyor.contracts.outside import ReplyReceived
from conveyor.kit.ids import new_id
from tests.telemarketing.line import LEAD, NOW, Line, event_of, lead_named, problem


async def take(line: Line, who: str) -> str | None:
    answer = await line.ask(who, "POST", "/queue/next")
    assert answer.status_code in {200, 204}, answer.text
    return None if answer.status_code == 204 else str(answer.json()["id"])


async def reply(line: Line, lead: dict[str, Any], kind: str) -> None:
    fact = ReplyReceived.model_validate(
        {
            "reply_id": str(new_id()),
            "source": "mail",
            "lead_id": lead["id"],
            "received_at": NOW,
            "kind": kind,
            "delivery_id": new_id(),
        }
    )
    await line.hear(event_of(fact, at=NOW, service="handoff-bus"))


async def test_the_next_lead_comes_with_script_and_history(line: Line) -> None:
    lead = await line.record(LEAD)

    answer = await line.ask("Anna", "POST", "/queue/next")

    body = answer.json()
    assert (answer.status_code, body["id"], body["lead_id"]) == (200, lead["id"], lead["id"])
    assert body["script"]["text"]
    assert body["history"]["touches"] == []
    assert body["leased_until"] == "2026-03-10T09:30:00Z"
    assert await take(line, "Zoya") is None
    problem(await line.ask("head", "POST", "/queue/next"), 403)


async def test_warm_before_replies_before_the_rest_and_own_before_nobodys(line: Line) -> None:
    anna = str(line.employees["Anna"])
    cold = await line.record(lead_named("Холодный", occurred_at=(NOW - timedelta(days=3)).isoformat()))
    own = await line.record(lead_named("Свой", owner_id=anna))
    answered = await line.record(lead_named("Ответил"))
    put_off = await line.record(lead_named("Не сейчас"))
    warm = await line.record(lead_named("Тёплый", mechanics="warm"))
    await line.record(lead_named("Зоин", owner_id=str(line.employees["Zoya"]), mechanics="warm"))
    await reply(line, answered, "interested")
    await reply(line, put_off, "not_now")

    given = [await take(line, "Anna") for _ in range(5)]

    assert given == [warm["id"], answered["id"], own["id"], cold["id"], None]
    line.clock.set(NOW + timedelta(days=31))
    assert put_off["id"] in [await take(line, "Anna") for _ in range(3)]


async def test_a_lease_ends_and_a_worked_lead_rests(line: Line) -> None:
    lead = await line.record(LEAD)

    assert await take(line, "Anna") == lead["id"]
    line.clock.set(NOW + timedelta(minutes=29, seconds=59))
    assert await take(line, "Zoya") is None
    line.clock.set(NOW + timedelta(minutes=30))
    assert await take(line, "Zoya") == lead["id"]
    await line.ask("Zoya", "POST", f"/leads/{lead['id']}/touches", json={"kind": "letter_general"})
    line.clock.set(NOW + timedelta(hours=2))
    assert await take(line, "Zoya") is None
    await reply(line, lead, "interested")
    line.clock.set(NOW + timedelta(hours=3))
    assert await take(line, "Anna") is None


async def test_a_lead_handed_over_is_not_called(line: Line) -> None:
    lead = await line.record(LEAD)
    starts_at = (NOW + timedelta(days=1)).isoformat()
    await line.ask("Anna", "POST", f"/leads/{lead['id']}/meetings", json={"starts_at": starts_at})

    assert await take(line, "Anna") is None


async def test_twenty_at_once_never_get_the_same_lead(line: Line) -> None:
    names = [f"SDR-{number}" for number in range(20)]
    for name in names:
        await line.hire(name)
    leads = {(await line.record(lead_named(f"Лид {number}")))["id"] for number in range(50)}

    async def drain(who: str) -> list[str]:
        taken: list[str] = []
        while (lead := await take(line, who)) is not None:
            taken.append(lead)
        return taken

    given = Counter(lead for taken in await asyncio.gather(*map(drain, names)) for lead in taken)

    assert set(given) <= leads
    assert max(given.values()) == 1
    # Who found the last rows locked by others got 204; what they left is there for the next call.
    left = await drain(names[0])
    assert set(given) | set(left) == leads
    assert not set(given) & set(left)
