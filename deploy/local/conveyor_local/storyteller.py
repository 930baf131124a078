"""Plays a story on a running system: opens the department, records what people did, pushes the webhooks."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from conveyor_local.department import Department, Json
from conveyor_local.golden_quarter import Hook, Person, Step, Story, phone_of

HIRED_ON = "2025-01-09"
_POLL_SECONDS = 0.05


class NeverOffered(Exception):
    """The handoff that a story waits for did not arrive at its stage."""


class Storyteller:
    """Knows the ids that the system gave to the people and leads of one story.

    `told` is called after each step and each webhook, for a progress bar; `patience_seconds` is how long it waits for
    what travels as an event.
    """

    def __init__(
        self,
        department: Department,
        story: Story,
        *,
        told: Callable[[], None] = lambda: None,
        patience_seconds: float = 10.0,
    ) -> None:
        self.department = department
        self.story = story
        self.employee_ids: dict[str, str] = {}
        self.lead_ids: dict[str, str] = {}
        self._handoffs: dict[str, Json] = {}
        self._deals: dict[str, str] = {}
        self._told = told
        self._patience_rounds = round(patience_seconds / _POLL_SECONDS)

    async def open_department(self) -> None:
        """People, chains, webhook sources, and the leads of the target base."""
        for person in self.story.people:
            await self.hire(person)
        for name, members in self.story.chains:
            member_ids = [self.employee_ids[member] for member in members]
            chain = {"name": name, "member_ids": member_ids, "effective_from": "2025-01-09"}
            await self.department.do("handoff-bus", "/chains", chain, role="admin")
        for source in sorted({hook.source for hook in self.story.hooks}):
            await self.department.open_source(source)
        for lead, company in self.story.companies.items():
            await self._add_lead(lead, company)

    async def hire(self, person: Person) -> None:
        """Put an employee on the roster."""
        references = [{"system": "extension", "value": person.extension}]
        hired = {"full_name": person.name, "role": person.role, "payroll_number": person.payroll_number}
        employee = await self.department.do(
            "handoff-bus", "/employees", {**hired, "hired_on": HIRED_ON, "references": references}, role="admin"
        )
        self.employee_ids[person.name] = employee["id"]

    async def record_steps(self, leads: Collection[str] | None = None) -> None:
        """What people did (with these leads only, if given), in the order of each lead; leads side by side."""
        by_lead: dict[str, list[Step]] = {}
        for step in self.story.steps:
            if leads is not None and step.lead not in leads:
                continue
            by_lead.setdefault(step.lead, []).append(step)
        gate = asyncio.Semaphore(8)
        await asyncio.gather(*(self._record_lead(steps, gate) for steps in by_lead.values()))

    async def push_hooks(self, hooks: Sequence[Hook], *, at_once: int = 16) -> None:
        """Deliver webhooks in the given order, up to `at_once` of them on their way together."""
        gate = asyncio.Semaphore(at_once)

        async def deliver(hook: Hook) -> None:
            async with gate:
                response = await self.department.push(hook.source, hook.event, webhook_id=hook.webhook_id)
            if response.status_code not in {200, 202}:
                msg = f"{hook.webhook_id}: {response.status_code} {response.text}"
                raise AssertionError(msg)
            self._told()

        await asyncio.gather(*(deliver(hook) for hook in hooks))

    async def totals(self, period: str) -> dict[str, str]:
        """Who earned what in a month, by name."""
        answers = await asyncio.gather(
            *(
                self.department.bonuses(person.role, self.employee_ids[person.name], period)
                for person in self.story.people
            )
        )
        names = [person.name for person in self.story.people]
        return {name: answer["total"]["amount"] for name, answer in zip(names, answers, strict=True)}

    async def _record_lead(self, steps: Sequence[Step], gate: asyncio.Semaphore) -> None:
        for step in steps:
            verb: Callable[[Step], Awaitable[None]] = getattr(self, f"_{step.verb}")
            async with gate:
                await verb(step)
            self._told()

    async def _add_lead(self, lead: str, company: str) -> None:
        owner = next((step.details["by"] for step in self.story.steps if step.lead == lead), None)
        added = await self.department.do(
            "telemarketing",
            "/leads",
            {
                "company": {"name": company},
                "contacts": [{"name": "Ирина Ветрова", "position": "директор"}],
                "channel": "base",
                "mechanics": "cold",
                "references": [{"system": "phone", "value": phone_of(lead)}],
                **({"owner_id": self.employee_ids[owner]} if owner else {}),
            },
        )
        self.lead_ids[lead] = added["id"]

    async def _touch(self, step: Step) -> None:
        note = {"note": step.details["note"]} if "note" in step.details else {}
        body = {"kind": step.details["kind"], **note, **self._who_and_when(step)}
        await self.department.do("telemarketing", f"/leads/{self.lead_ids[step.lead]}/touches", body)

    async def _book_meeting(self, step: Step) -> None:
        body = {"starts_at": step.details["starts_at"].isoformat(), **self._who_and_when(step)}
        path = f"/leads/{self.lead_ids[step.lead]}/meetings"
        self._handoffs[step.lead] = await self.department.do("telemarketing", path, body)

    async def _cancel_meeting(self, step: Step) -> None:
        body = {"reason": step.details["reason"], **self._who_and_when(step)}
        meeting_id = self._handoffs[step.lead]["id"]
        await self.department.do("telemarketing", f"/meetings/{meeting_id}/cancellation", body)

    async def _accept(self, step: Step) -> None:
        handoff_id = await self._offered("closing", step)
        path = f"/handoffs/{handoff_id}/acceptance"
        accepted = await self.department.do("closing", path, self._who_and_when(step))
        self._deals[step.lead] = accepted["deal_id"]

    async def _return_handoff(self, step: Step) -> None:
        handoff_id = await self._offered("closing", step)
        body = {"reason": step.details["reason"], **self._who_and_when(step)}
        await self.department.do("closing", f"/handoffs/{handoff_id}/return", body)
        await self._known_as(step.lead, "returned")

    async def _meeting_outcome(self, step: Step) -> None:
        meeting = {"meeting_id": self._handoffs[step.lead]["id"], "outcome": step.details["outcome"]}
        path = f"/deals/{self._deals[step.lead]}/meeting-outcome"
        await self.department.do("closing", path, {**meeting, **self._who_and_when(step)})

    async def _sign_contract(self, step: Step) -> None:
        who = {"employee_id": self.employee_ids[step.details["by"]]}
        body = {"number": step.details["number"], "signed_at": step.at.isoformat(), **who}
        await self.department.do("closing", f"/deals/{self._deals[step.lead]}/contract", body)

    async def _lose_deal(self, step: Step) -> None:
        body = {"reason": step.details["reason"], **self._who_and_when(step)}
        await self.department.do("closing", f"/deals/{self._deals[step.lead]}/loss", body)

    async def _accept_client(self, step: Step) -> None:
        handoff_id = await self._offered("account", step)
        await self.department.do("account", f"/handoffs/{handoff_id}/acceptance", self._who_and_when(step))

    async def _offered(self, stage: str, step: Step) -> str:
        """The open handoff of the lead at a stage; it arrives there as an event."""
        path = f"/handoffs?state=offered&lead_id={self.lead_ids[step.lead]}"
        for _ in range(self._patience_rounds):
            items: list[dict[str, Any]] = (await self.department.ask(stage, path))["items"]
            if items:
                return str(items[0]["id"])
            await asyncio.sleep(_POLL_SECONDS)
        msg = f"{step.lead} at {stage}"
        raise NeverOffered(msg)

    async def _known_as(self, lead: str, state: str) -> None:
        """Wait until telemarketing heard the answer, so that the next step of the lead finds it."""
        path = f"/handoffs?state={state}&lead_id={self.lead_ids[lead]}"
        for _ in range(self._patience_rounds):
            if (await self.department.ask("telemarketing", path))["items"]:
                return
            await asyncio.sleep(_POLL_SECONDS)
        msg = f"{lead} never {state} at telemarketing"
        raise NeverOffered(msg)

    def _who_and_when(self, step: Step) -> Json:
        return {"employee_id": self.employee_ids[step.details["by"]], "occurred_at": step.at.isoformat()}
