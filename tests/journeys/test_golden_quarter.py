"""The golden quarter, to the kopeck, through HTTP and webhooks against the real four services."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from conveyor_local.department import SERVICES, STAGES, Department
from conveyor_local.golden_quarter import EXPECTED, EXPECTED_LATE, GLEB, MONTHS, golden_quarter, moscow
from conveyor_local.places import CHECKOUT
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

NewStack = Callable[[], LocalStack]


def _department(stack: LocalStack) -> Department:
    return Department(base_urls={service: stack.base_url(service) for service in SERVICES}, token=stack.token)


def _rows(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))


async def _close(department: Department, month: str) -> bytes:
    await department.rest()
    await department.close_month(month)
    await department.freeze_batches(month)
    return await department.payroll_file(month)


class TestGoldenQuarter:
    async def test_comes_out_to_the_kopeck_before_and_after_closing(self, new_stack: NewStack) -> None:
        stack = new_stack()
        async with _department(stack) as department:
            teller = Storyteller(department, golden_quarter())
            await teller.open_department()
            await teller.record_steps()
            await teller.push_hooks(teller.story.hooks)
            await department.rest(parked_too=True)

            assert {month: await teller.totals(month) for month in MONTHS} == EXPECTED
            files = {month: await _close(department, month) for month in MONTHS}
            assert {month: await teller.totals(month) for month in MONTHS} == EXPECTED

            _check_files(files)
            await _check_reasons(teller)
            for stage in STAGES.values():
                verified = await department.ask(stage, "/bonus-entries/verification")
                assert verified["valid"] is True
            for month in MONTHS:
                _verify_independently(stack, month)

    async def test_late_payment_posts_into_the_open_month_with_its_own_date(self, new_stack: NewStack) -> None:
        async with _department(new_stack()) as department:
            teller = Storyteller(department, golden_quarter())
            late = [hook for hook in teller.story.hooks if hook.webhook_id == "b-P1"]
            await teller.open_department()
            await teller.record_steps()
            await teller.push_hooks([hook for hook in teller.story.hooks if hook not in late])
            await _close(department, "2025-09")

            await teller.push_hooks(late)
            await department.rest(parked_too=True)

            assert {month: await teller.totals(month) for month in MONTHS} == EXPECTED_LATE
            late_rows = [row for row in _rows(await _close(department, "2025-10")) if row["cause_id"] == "P1"]
            assert {(row["employee"], row["earned_on"], row["amount"]) for row in late_rows} == {
                ("Anna", "2025-09-22", "6000.00"),
                ("Boris", "2025-09-22", "20000.00"),
            }

    async def test_leaver_keeps_what_was_paid_while_he_owned_the_deal(self, new_stack: NewStack) -> None:
        async with _department(new_stack()) as department:
            teller = Storyteller(department, golden_quarter())
            await teller.open_department()
            await teller.hire(GLEB)
            await teller.record_steps()
            await _boris_leaves(teller)
            await teller.push_hooks(teller.story.hooks)
            await department.rest(parked_too=True)

            assert {month: await teller.totals(month) for month in MONTHS} == EXPECTED
            for month in MONTHS:
                gleb = await department.bonuses("ae", teller.employee_ids["Gleb"], month)
                assert gleb["total"] == {"amount": "0.00", "currency": "RUB"}
            deals = await department.ask("closing", f"/deals?lead_id={teller.lead_ids['L1']}")
            deal = await department.ask("closing", f"/deals/{deals['items'][0]['id']}")
            assert deal["employee_id"] == teller.employee_ids["Gleb"]


async def _boris_leaves(teller: Storyteller) -> None:
    path = f"/employees/{teller.employee_ids['Boris']}"
    found = await teller.department.request("handoff-bus", "GET", path, role="admin")
    left = {"left_on": "2025-10-20", "successor_id": teller.employee_ids["Gleb"]}
    etag = {"If-Match": found.headers["etag"]}
    answer = await teller.department.request("handoff-bus", "PATCH", path, role="admin", body=left, headers=etag)
    assert answer.status_code == 200, answer.text


def _verify_independently(stack: LocalStack, month: str) -> None:
    urls = {f"CONVEYOR_{stage.upper()}_URL": stack.base_url(stage) for stage in STAGES.values()}
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "--period", month],
        cwd=CHECKOUT,
        env=os.environ | urls | {"CONVEYOR_TOKEN": stack.token("auditor", None)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("everything fits") == len(STAGES)


def _check_files(files: dict[str, bytes]) -> None:
    header = b"batch_id,period,payroll_number,employee,role,component,lead,earned_on,amount,currency,cause_id\r\n"
    for month, file in files.items():
        assert file.startswith(header)
        paid: dict[str, Decimal] = {}
        for row in _rows(file):
            assert row["period"] == month
            paid[row["employee"]] = paid.get(row["employee"], Decimal(0)) + Decimal(row["amount"])
        owed = {name: Decimal(amount) for name, amount in EXPECTED[month].items()}
        # A negative net is carried forward, not deducted; Anna and Boris earn nothing afterwards to take it from.
        assert paid == {name: amount for name, amount in owed.items() if amount > 0}
    september = {(row["employee"], row["component"], row["amount"]) for row in _rows(files["2025-09"])}
    assert ("Anna", "letter_general", "30.00") in september
    assert ("Anna", "client_paid", "6000.00") in september
    assert ("Vera", "new_client", "5000.00") in september
    retention = next(row for row in _rows(files["2025-12"]) if row["component"] == "quarterly_retention")
    assert (retention["lead"], retention["cause_id"], retention["earned_on"]) == ("Romashka", "2025-Q4", "2025-12-31")


async def _check_reasons(teller: Storyteller) -> None:
    ids, leads = teller.employee_ids, teller.lead_ids
    questions = {
        f"employee_id={ids['Vera']}&period=2025-09&payment_id=P1": ("am", ["nobody owned", "2025-09-23 10:00"]),
        f"employee_id={ids['Anna']}&period=2025-09&component=meeting_booked&lead_id={leads['L2']}": (
            "sdr",
            ["returned", "2025-09-16", "not the decision maker"],
        ),
        f"employee_id={ids['Boris']}&period=2025-11&payment_id=P4": ("ae", ["third paying month"]),
        f"employee_id={ids['Vera']}&period=2025-09&component=quarterly_retention": ("am", ["younger", "2025-09-30"]),
    }
    for query, (role, words) in questions.items():
        answer = await teller.department.ask(STAGES[role], f"/bonuses/why?{query}")
        for word in words:
            assert word in str(answer), (query, answer)


def test_the_story_is_the_worked_example() -> None:
    story = golden_quarter()
    talks: list[dict[str, Any]] = [hook.event["data"] for hook in story.hooks if hook.source == "telephony"]

    assert sum(1 for talk in talks if talk["duration_seconds"] >= 30) == 495
    assert all(talk["started_at"].startswith("2025-09") for talk in talks)
    assert story.steps[4].at == moscow(9, 9, 10, 5)
