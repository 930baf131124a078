"""A lead is erased from a system at work: nothing of its people is left anywhere, and nobody's pay has changed."""

import asyncio
import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conveyor_local.department import SERVICES, STAGES, Department
from conveyor_local.golden_quarter import MONTHS, Story, golden_quarter
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller
from tests.journeys.left_behind import PAYROLL, messages_of, places_of

NAME, PHONE, EMAIL = "Аглая Сумарокова", "79057770101", "aglaya@romashka.example"
PERSON = (NAME, PHONE, EMAIL)
COMPANY = "Romashka"


def short_story() -> Story:
    """The golden quarter without its idle calls, in which people write down the name of the one they talk to."""
    story = golden_quarter()
    hooks = [hook for hook in story.hooks if hook.source == "bank"] + list(story.hooks[:3])
    steps = tuple(
        replace(step, details={**step.details, "note": f"говорила {NAME}, +{PHONE}"})
        if (step.verb, step.lead) == ("touch", "L1")
        else step
        for step in story.steps
    )
    return replace(story, steps=steps, hooks=tuple(hooks))


async def named_contact(department: Department, lead_id: str) -> str:
    """The lead's contact gets a name, a phone and an address of her own; her id."""
    path = f"/leads/{lead_id}"
    found = await department.request("telemarketing", "GET", path, role="admin")
    correction = {"contacts": [{"name": NAME, "position": "директор", "phone": f"+{PHONE}", "email": EMAIL}]}
    etag = {"If-Match": found.headers["etag"]}
    answer = await department.request("telemarketing", "PATCH", path, role="admin", body=correction, headers=etag)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["contacts"][0]["contact_id"])


async def erased(department: Department, order: dict[str, Any]) -> dict[str, Any]:
    """The record of an erasure that is done."""
    made = await department.do("handoff-bus", "/erasures", order, role="admin")
    async with asyncio.timeout(60):
        while True:
            seen = await department.ask("handoff-bus", f"/erasures/{made['id']}", role="auditor")
            if seen["state"] == "done":
                return seen
            await asyncio.sleep(0.1)


async def test_a_lead_is_erased_everywhere_and_pay_stays(new_stack: Callable[[], LocalStack]) -> None:
    stack = new_stack()
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, short_story())
        await teller.open_department()
        lead_id = teller.lead_ids["L1"]
        await named_contact(department, lead_id)
        await teller.record_steps()
        await teller.push_hooks(teller.story.hooks)
        await department.rest(parked_too=True)
        first, second, *_ = MONTHS
        await department.close_month(first)
        await department.freeze_batches(first)
        await department.rest()
        file = await department.payroll_file(first)
        totals = {month: await teller.totals(month) for month in MONTHS}
        before = await places_of(stack, PERSON)
        # The search finds what is there, or it would prove nothing.
        assert {"telemarketing.telemarketing_contacts", "closing.received_handoffs"} <= before
        assert {"handoff-bus.correlated_references", "telemarketing.outbox_log", "stream.lead_recorded"} <= before

        order = {"kind": "lead", "subject_id": lead_id, "ground": "consent_withdrawn", "asked_by": "subject"}
        record = await erased(department, {**order, "request_number": "ВХ-7"})

        assert [each["service"] for each in record["confirmations"]] == sorted(SERVICES)
        assert record["purged_messages"] > 10
        assert await places_of(stack, PERSON) == set()
        left = await places_of(stack, [COMPANY])
        assert {place.partition(".")[2] for place in left} <= PAYROLL | {"payout_batch_part", "outbox_log"}
        assert not [subject for subject, _ in await messages_of(stack) if subject.endswith(lead_id)]

        assert COMPANY in file.decode()
        assert await department.payroll_file(first) == file
        assert {month: await teller.totals(month) for month in MONTHS} == totals
        for stage in STAGES.values():
            assert (await department.ask(stage, "/bonus-entries/verification"))["valid"] is True
        await department.close_month(second)
        await department.freeze_batches(second)
        await department.rest()
        later = list(csv.DictReader(io.StringIO((await department.payroll_file(second)).decode(), newline="")))
        assert {row["lead"] for row in later} == {f"erased {lead_id[-12:]}"}

        # The same webhooks again bring nothing back, and nothing is paid twice.
        await teller.push_hooks(teller.story.hooks)
        await department.rest()
        assert await places_of(stack, [NAME, EMAIL]) == set()
        assert {month: await teller.totals(month) for month in MONTHS} == totals


async def test_a_contact_and_an_employee_who_left_are_erased_and_the_lead_stays(
    new_stack: Callable[[], LocalStack],
) -> None:
    stack = new_stack()
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, short_story())
        await teller.open_department()
        lead_id, boris = teller.lead_ids["L1"], teller.employee_ids["Boris"]
        contact_id = await named_contact(department, lead_id)
        await teller.record_steps()
        await department.rest()
        ground = {"ground": "consent_withdrawn", "asked_by": "subject"}
        names = [{"system": "phone", "value": PHONE}, {"system": "email", "value": EMAIL}]

        await erased(
            department, {"kind": "contact", "subject_id": contact_id, "lead_id": lead_id, "names": names, **ground}
        )

        assert await places_of(stack, PERSON) == set()
        assert (await department.ask("telemarketing", f"/leads/{lead_id}"))["company"]["name"] == COMPANY
        path = f"/employees/{boris}"
        found = await department.request("handoff-bus", "GET", path, role="admin")
        etag = {"If-Match": found.headers["etag"]}
        left = await department.request(
            "handoff-bus", "PATCH", path, role="admin", body={"left_on": "2025-12-01"}, headers=etag
        )
        assert left.status_code == 200, left.text

        await erased(department, {"kind": "employee", "subject_id": boris, **ground})

        assert await places_of(stack, ["Boris"]) == set()
        seen = await department.ask("handoff-bus", path)
        assert (seen["full_name"], seen["payroll_number"]) == (f"erased {boris[-12:]}", "0201")
