"""Of two leads that have much in common each gets all of its own and nothing of the other's, in every service."""

import base64
import json
from collections.abc import Callable
from typing import Any

from conveyor.kit.ids import new_id
from conveyor_local.department import SERVICES, Department
from conveyor_local.stack import LocalStack
from tests.architecture.disclosed_columns import MESSAGES, erased_columns
from tests.disclosing.services import STEPS
from tests.journeys.interwoven import BOTH, COMPANY, STAFF, Plot, inn_of, mark, phone_of
from tests.journeys.left_behind import places_of
from tests.journeys.marked_columns import ROWS, marked_columns
from tests.journeys.test_erasure import erased

WORDS = (
    *[f"{what}{number}" for what in ("name", "position", "email", "role", "influence") for number in (1, 2)],
    *("site", "city", "crm", "touch", "place1", "place2", "place3", "return", "nurture", "answer", "evidence"),
    *("deal-place", "paper", "needs", "voice", "reply", "batch", "untold"),
)
# Where marks stand that are not given but named, with the reason: whole requests and answers, and what is about both.
WITHHELD = {"idempotency_keys.body", "deliveries.body", "deliveries.names", "deliveries.facts"}
# Codes of closed lists, and what only failures, strange answers and searches write; tests/architecture looks at these.
UNREACHED = {
    *("telemarketing_lead_references.system", "deal_references.system", "correlated_references.system"),
    *("deal_payments.reference_system", "client_payments.reference_system", "telemarketing_nurtured_leads.reason"),
    *("received_handoffs.note", "deliveries.state", "deliveries.reason", "deliveries.detail", "deliveries.fetched"),
    *("deliveries.headers", "delivery_replays.asked", "delivery_waits.thing", "correlated_references.awarded_reason"),
    *("announced_dead_letters.reason", "announced_dead_letters.settled_reason", "dispatch_attempts.detail"),
    *("write_back_attempts.detail", "paid_payments.names"),
}


def marks_of(lead: str) -> list[str]:
    return [*(mark(lead, what) for what in WORDS), *(phone_of(lead, number) for number in (1, 2)), inn_of(lead)]


async def disclosed(department: Department, service: str, path: str) -> dict[str, Any]:
    """All pages as one: `values` and `withheld` by the names of the parts; empty when the service keeps nothing."""
    parts: dict[str, list[dict[str, Any]]] = {}
    cursor = ""
    while True:
        answer = await department.request(service, "GET", f"/personal-data/{path}?limit=3{cursor}", role="admin")
        if answer.status_code == 404:
            return {}
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["service"] == service
        for part in page["parts"]:
            parts.setdefault(part["name"], []).extend(part["rows"])
        if page["next_cursor"] is None:
            return parts
        # It stands in addresses, and addresses in logs.
        told = decoded(page["next_cursor"])
        assert [one for one in (*marks_of("a"), *marks_of("b")) if one in told] == []
        cursor = f"&cursor={page['next_cursor']}"


def erased_of_a_lead(service: str) -> set[str]:
    """The columns that an erasure of a lead changes in this service's own rows."""
    erased = erased_columns(STEPS[service]["lead"], [row for row in ROWS if row.place != MESSAGES])
    return {f"{table}.{column}" for table, column in erased}


def decoded(cursor: str) -> str:
    """What a cursor holds."""
    key = cursor.partition(".")[2]
    return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode()


def text_of(parts: dict[str, Any]) -> str:
    return json.dumps([row["values"] for rows in parts.values() for row in rows], ensure_ascii=False)


async def test_each_gets_all_of_its_own_and_nothing_of_the_others(new_stack: Callable[[], LocalStack]) -> None:
    stack = new_stack()
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        plot = Plot(department)
        await plot.play()

        for lead, other in (("a", "b"), ("b", "a")):
            for service in SERVICES:
                parts = await disclosed(department, service, f"leads/{plot.leads[lead]}")
                text = text_of(parts)
                standing = await marked_columns(stack, service, [*marks_of(lead), COMPANY])
                # The plot reaches every column that is erased, or it would prove nothing of the others.
                assert erased_of_a_lead(service) - {column for column, _ in standing} <= UNREACHED
                assert [one for one in sorted(standing) if one[0] not in WITHHELD and one[1] not in text] == []
                assert [one for one in (*marks_of(other), BOTH, *names_of_staff()) if one in text] == []
        await _of_one_contact(department, plot)
        await _of_an_employee(department, plot)
        await _of_whom_nobody_knows(department, plot)
        await _of_somebody_erased(department, plot)
        assert await places_of(stack, marks_of("b")) == set()


def names_of_staff() -> list[str]:
    return [name for name, *_ in STAFF]


async def _of_one_contact(department: Department, plot: Plot) -> None:
    path = f"leads/{plot.leads['a']}/contacts/{plot.contacts['a'][0]}"
    his = {*(mark("a", f"{what}1") for what in ("name", "position", "email", "role", "influence")), phone_of("a", 1)}

    for service in SERVICES:
        parts = await disclosed(department, service, path)
        text = text_of(parts)
        # He may come to the meeting that was booked with him; what is written about his lead may be about another.
        his_own = his | {mark("a", "place1")}
        assert [one for one in (*marks_of("a"), *marks_of("b"), BOTH) if one in text and one not in his_own] == []
        assert [one for one in sorted(his) if one not in text] == [] or service in {"closing", "account", "handoff-bus"}
        assert any(row["withheld"] for rows in parts.values() for row in rows)
    inbox = await disclosed(department, "closing", path)
    assert mark("a", "name1") in text_of({"received_handoffs": inbox["received_handoffs"]})


async def _of_an_employee(department: Department, plot: Plot) -> None:
    for service in SERVICES:
        parts = await disclosed(department, service, f"employees/{plot.staff['sdr']}")
        text = text_of(parts)
        mine, *others = names_of_staff()
        assert mine in text
        assert [one for one in (*others, *marks_of("a"), *marks_of("b")) if one in text and "voice" not in one] == []
    calls = await disclosed(department, "telemarketing", f"employees/{plot.staff['sdr']}")
    assert len(calls["telemarketing_calls"]) == 2


async def _of_whom_nobody_knows(department: Department, plot: Plot) -> None:
    stranger = plot.contacts["b"][0]
    for path in (f"leads/{stranger}", f"leads/{stranger}/contacts/{new_id()}", f"employees/{stranger}"):
        assert await disclosed(department, "telemarketing", path) == {}
    # Another lead's contact is none of this one's: the words about this one are named, and nothing of anybody given.
    text = text_of(await disclosed(department, "telemarketing", f"leads/{plot.leads['a']}/contacts/{stranger}"))
    assert [one for one in (*marks_of("a"), *marks_of("b")) if one in text] == []
    for role in ("head", "auditor", "integration"):
        refused = await department.request("account", "GET", f"/personal-data/leads/{plot.leads['a']}", role=role)
        assert refused.status_code == 403
    reads = await department.ask("account", f"/personal-data-reads?subject_id={plot.leads['a']}", role="auditor")
    assert {each["operation"] for each in reads["items"]} >= {"personal_data_get_lead_disclosure"}


async def _of_somebody_erased(department: Department, plot: Plot) -> None:
    """What is left is still his to know: ids, sums, times, and that he was erased."""
    lead_id = plot.leads["b"]
    await erased(
        department, {"kind": "lead", "subject_id": lead_id, "ground": "consent_withdrawn", "asked_by": "subject"}
    )

    for service in SERVICES:
        parts = await disclosed(department, service, f"leads/{lead_id}")
        assert [one for one in marks_of("b") if one in text_of(parts)] == []
        assert [row["values"]["kind"] for row in parts["erasures_here"]] == ["lead"]
