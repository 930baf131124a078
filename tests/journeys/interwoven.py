"""Two leads whose data are as close to one another as they can be: one company's name, one phone, one delivery.

Each word that somebody may enter about a lead is a mark of its own, such as `znak-a-place`; so it can be looked for.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from conveyor_local.department import Department, Json

STAFF = (
    ("Znak-anna Karenina", "sdr", "0101", "101"),
    ("Znak-boris Godunov", "ae", "0201", "201"),
    ("Znak-vera Zasulich", "am", "0301", "301"),
)
COMPANY, SHARED_PHONE = "Фабрика", "74950007700"
BOTH = "znak-of-both"
"""What somebody wrote about both of them."""
_PATIENCE_SECONDS = 30


def mark(lead: str, what: str) -> str:
    """A word about lead `a` or `b` that stands nowhere else."""
    return f"znak-{lead}-{what}"


def phone_of(lead: str, contact: int) -> str:
    """A phone of the lead's contact, which only he has."""
    return f"7905777{ord(lead):03}{contact}"


def inn_of(lead: str) -> str:
    """The number of the company, which no other has."""
    return f"7712345{ord(lead):03}"


class Plot:
    """The two leads on their way from telemarketing to account, and everything that is said about them."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.staff: dict[str, str] = {}
        self.leads: dict[str, str] = {}
        self.contacts: dict[str, list[str]] = {}
        self._batch_secret = ""

    async def play(self) -> None:
        """All of it; what is on its way arrives afterwards."""
        for name, role, number, extension in STAFF:
            names = [{"system": "extension", "value": extension}]
            hired = {"full_name": name, "role": role, "payroll_number": number, "hired_on": "2025-01-09"}
            made = await self._admin("handoff-bus", "/employees", {**hired, "references": names})
            self.staff[role] = made["id"]
        await self.department.open_source("line")
        shop = {"name": "shop", "kind": "cloudevents", "settings": {}}
        self._batch_secret = (await self._admin("handoff-bus", "/sources", shop))["secret"]
        wish = {"url": "http://127.0.0.1:1/", "fact_types": ["lead_recorded.v1", "touch_recorded.v1"]}
        await self._admin("handoff-bus", "/subscriptions", wish)
        for lead in ("a", "b"):
            await self._enter(lead)
        await self.department.rest()
        for lead in ("a", "b"):
            await self._through_the_line(lead)
            await self._outside(lead)
        await self._in_one_delivery()
        await self._award()
        await self.department.rest()

    async def _enter(self, lead: str) -> None:
        contacts = [
            {
                "name": mark(lead, f"name{number}"),
                "position": mark(lead, f"position{number}"),
                "phone": f"+{phone_of(lead, number)}",
                "email": f"{mark(lead, f'email{number}')}@example.org",
                "role": mark(lead, f"role{number}"),
                "influence": mark(lead, f"influence{number}"),
            }
            for number in (1, 2)
        ]
        company = {"name": COMPANY, "inn": inn_of(lead)}
        company |= {"website": f"https://{mark(lead, 'site')}.example", "city": mark(lead, "city")}
        names = [
            {"system": "phone", "value": SHARED_PHONE},
            *[{"system": "phone", "value": phone_of(lead, number)} for number in (1, 2)],
            {"system": "email", "value": f"{mark(lead, 'email1')}@example.org"},
            {"system": "crm:shop", "value": mark(lead, "crm")},
        ]
        body = {"company": company, "contacts": contacts, "channel": "base", "mechanics": "cold", "references": names}
        made = await self.department.do("telemarketing", "/leads", {**body, "owner_id": self.staff["sdr"]})
        self.leads[lead] = made["id"]
        seen = await self.department.ask("telemarketing", f"/leads/{made['id']}", role="admin")
        self.contacts[lead] = [each["contact_id"] for each in seen["contacts"]]

    async def _through_the_line(self, lead: str) -> None:
        """Returned with words, sent back to nurture with words, then won."""
        sdr, ae, am = [{"employee_id": self.staff[role]} for role in ("sdr", "ae", "am")]
        touch = {"kind": "letter_general", "note": mark(lead, "touch"), **sdr}
        await self._do("telemarketing", f"/leads/{self.leads[lead]}/touches", touch)
        await self._book(lead, "place1")
        handoff = await self._offered("closing", lead)
        returned = {"reason": "no_need", "note": mark(lead, "return"), **ae}
        await self._do("closing", f"/handoffs/{handoff}/return", returned)
        await self.department.rest()
        await self._book(lead, "place2")
        first = await self._accepted("closing", lead, ae)
        until = (datetime.now(tz=UTC) + timedelta(days=40)).date().isoformat()
        nurture = {"until": until, "reason": "timing", "note": mark(lead, "nurture"), **ae}
        await self._do("closing", f"/deals/{first}/nurture", nurture)
        await self.department.rest()
        booked = await self._book(lead, "place3")
        deal = await self._accepted("closing", lead, ae)
        answer = {"answer": mark(lead, "answer"), "evidence": mark(lead, "evidence"), **ae}
        await self._change("closing", f"/deals/{deal}", answer, method="PUT", under="/criteria/authority")
        missed = {"meeting_id": booked, "outcome": "missed", **ae}
        await self._do("closing", f"/deals/{deal}/meeting-outcome", missed)
        meeting = {"starts_at": self._soon(), "place": mark(lead, "deal-place"), **ae}
        await self._do("closing", f"/deals/{deal}/meetings", meeting)
        named = [{"system": "crm:paper", "value": mark(lead, "paper")}, {"system": "crm:claimed", "value": "77"}]
        signed = {"number": f"D-{lead}", "signed_at": datetime.now(tz=UTC).isoformat(), "references": named, **ae}
        await self._do("closing", f"/deals/{deal}/contract", signed)
        await self._accepted("account", lead, am)
        await self._do("account", f"/clients/{self.leads[lead]}/upsell", {"needs": mark(lead, "needs"), **am})

    async def _outside(self, lead: str) -> None:
        """A call, a letter and money, by names that only this lead has."""
        now = datetime.now(tz=UTC).isoformat()
        own_phone = {"system": "phone", "value": phone_of(lead, 1)}
        call = {
            "call_id": f"call-{lead}",
            "direction": "out",
            "started_at": now,
            "duration_seconds": 70,
            "employee": {"system": "extension", "value": "101"},
            "lead": own_phone,
            "recording_url": f"https://voice.example/{mark(lead, 'voice')}",
        }
        reply = {"reply_id": f"reply-{lead}", "received_at": now, "kind": "interested", "text": mark(lead, "reply")}
        for kind, data in (
            ("call.finished", call),
            ("reply.received", {**reply, "lead": own_phone}),
            ("payment.received", _payment(f"mail-{lead}", now, "email", f"{mark(lead, 'email1')}@example.org")),
            ("payment.received", _payment(f"paper-{lead}", now, "crm:paper", mark(lead, "paper"))),
        ):
            event = {"type": kind, "timestamp": now, "data": data}
            await self.department.push("line", event, webhook_id=f"{kind}-{lead}-{data.get('payment_id', '')}")

    async def _in_one_delivery(self) -> None:
        """Both wrote, and one request told it; beside them stands something about the second that has no words here."""
        now = datetime.now(tz=UTC).isoformat()
        events: list[Json] = []
        for lead in ("a", "b"):
            data = {"reply_id": f"both-{lead}", "received_at": now, "kind": "not_now", "text": mark(lead, "batch")}
            named = {"system": "crm:shop", "value": mark(lead, "crm")}
            events.append(_event(f"e-{lead}", "reply.received", now, {**data, "lead": named}))
        events.append(_event("e-x", "x.y", now, {"about": mark("b", "untold")}))
        headers = {
            "content-type": "application/cloudevents-batch+json",
            "authorization": f"Bearer {self._batch_secret}",
        }
        body = json.dumps(events, ensure_ascii=False).encode()
        taken = await self.department.post_raw("handoff-bus", "/webhooks/shop", body, headers)
        assert taken.is_success, taken.text

    async def _award(self) -> None:
        """A name that both claim is given to the second, with words about both."""
        await self.department.rest()
        conflicts = (await self.department.ask("handoff-bus", "/references?state=conflict", role="admin"))["items"]
        assert conflicts, "nobody claims what another has"
        await self._admin("handoff-bus", f"/references/{conflicts[0]['id']}/award", {"reason": BOTH})

    async def _book(self, lead: str, place: str) -> str:
        body = {"starts_at": self._soon(), "place": mark(lead, place), "employee_id": self.staff["sdr"]}
        body["contact_id"] = self.contacts[lead][0 if place == "place1" else 1]
        return str((await self._do("telemarketing", f"/leads/{self.leads[lead]}/meetings", body))["id"])

    async def _offered(self, stage: str, lead: str) -> str:
        found = f"/handoffs?state=offered&lead_id={self.leads[lead]}"

        async def items() -> Any:
            return (await self.department.ask(stage, found))["items"]

        return str((await _until(items))[0]["id"])

    async def _accepted(self, stage: str, lead: str, who: Json) -> str:
        path = f"/handoffs/{await self._offered(stage, lead)}/acceptance"
        return str((await self._do(stage, path, who)).get("deal_id"))

    async def _change(self, service: str, path: str, body: Json, *, method: str, under: str = "") -> None:
        seen = await self.department.request(service, "GET", path, role="admin")
        etag = {"If-Match": seen.headers["etag"]}
        changed = await self.department.request(
            service, method, f"{path}{under}", role="integration", body=body, headers=etag
        )
        assert changed.is_success, changed.text

    async def _do(self, service: str, path: str, body: Json) -> Json:
        return await self.department.do(service, path, body)

    async def _admin(self, service: str, path: str, body: Json) -> Json:
        return await self.department.do(service, path, body, role="admin")

    def _soon(self) -> str:
        return (datetime.now(tz=UTC) + timedelta(days=3)).isoformat()


def _payment(payment_id: str, now: str, system: str, value: str) -> Json:
    money = {"amount": "1000.00", "currency": "RUB"}
    return {"payment_id": payment_id, "paid_at": now, "amount": money, "lead": {"system": system, "value": value}}


def _event(event_id: str, kind: str, now: str, data: Json) -> Json:
    return {"specversion": "1.0", "type": kind, "source": "/shop", "id": event_id, "time": now, "data": data}


async def _until(found: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            items = await found()
            if items:
                return items
            await asyncio.sleep(0.05)
