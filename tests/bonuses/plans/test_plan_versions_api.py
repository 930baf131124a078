"""Versions of plans over HTTP: drafted, linted, replayed, approved by a second person, in force."""

import asyncio
from typing import Any

import pytest

from tests.bonuses.department import id_of
from tests.bonuses.plans.conftest import NewPlanner
from tests.bonuses.plans.planning import Planner, draft, money, percent

BORIS = str(id_of("Boris"))
VERSIONS = "/bonus-plans/ae-standard/versions"


@pytest.fixture
async def planner(new_planner: NewPlanner) -> Planner:
    planner = await new_planner("ae")
    assert (await planner.post("/bonus-periods/2025-09/close")).status_code == 200
    return planner


async def _total(planner: Planner, period: str) -> str:
    answer = await planner.get("/bonuses", employee_id=BORIS, period=period)
    return str(answer.json()["total"]["amount"])


async def test_the_way_of_a_version(planner: Planner) -> None:
    path = await planner.drafted("ae-standard", effective_from="2025-10-01")
    assert path == f"{VERSIONS}/2"
    assert await _total(planner, "2025-10") == "7500.00"
    replay = await planner.replayed(path, last_months=1)
    assert (replay["state"], replay["done"], replay["total"]) == ("done", replay["total"], replay["total"])
    (boris,) = replay["result"]["employees"]
    assert boris["employee_id"] == BORIS
    # September: 12 % instead of 10 % of 300,000.00 and no second payment.
    assert (boris["old"]["amount"], boris["new"]["amount"], boris["outcome"]) == ("30000.00", "36000.00", "winner")
    assert replay["result"]["totals"][0]["difference"] == money("6000.00")
    answer = await planner.published(path)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["state"], said["author"], said["approved_by"]) == ("published", "author", "approver")
    # October's second payment pays nothing any more; September is closed and stays.
    assert await _total(planner, "2025-10") == "0.00"
    assert await _total(planner, "2025-09") == "30000.00"
    versions = (await planner.get(VERSIONS)).json()["items"]
    assert [(item["version"], item["state"]) for item in versions] == [(1, "published"), (2, "published")]


async def test_a_refund_after_the_new_version_takes_back_by_the_old_one(planner: Planner) -> None:
    """comp-and-crm.md (b) 8: a change of a rate never runs backwards in time."""
    path = await planner.drafted("ae-standard", effective_from="2025-10-01")
    await planner.replayed(path)
    await planner.published(path)
    # R1 takes back 10 % of 50,000.00: P2 was paid in September, under version 1.
    assert await _total(planner, "2025-11") == "-5000.00"


async def test_without_a_replay_it_is_refused(planner: Planner) -> None:
    path = await planner.drafted("ae-standard")
    answer = await planner.published(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "version-not-replayed")
    # Asked for is not played.
    await planner.post(f"{path}/replay", {"last_months": 1})
    answer = await planner.published(path)
    assert (answer.json()["code"], answer.json()["states"]) == ("version-not-replayed", ["running"])


async def test_the_author_does_not_approve(planner: Planner) -> None:
    path = await planner.drafted("ae-standard")
    await planner.replayed(path)
    answer = await planner.published(path, who="author")
    assert (answer.status_code, answer.json()["code"]) == (409, "author-may-not-approve")


@pytest.mark.parametrize("role", ["ae", "payroll", "auditor", "integration"])
async def test_who_may_plan(planner: Planner, role: str) -> None:
    assert (await planner.post(VERSIONS, draft(), role=role)).status_code == 403
    assert (await planner.post(f"{VERSIONS}/1/publication", {}, role=role)).status_code == 403


async def test_errors_of_the_lint_keep_it_back_and_warnings_are_acknowledged(planner: Planner) -> None:
    tiers = [{"from_value": "0", "until_value": "100.00", "rate": "0.10"}, {"from_value": "200.00", "rate": "0.20"}]
    broken = percent(rate=None, tiers={"mode": "marginal", "tiers": tiers}, limits={"period": "month"})
    path = await planner.drafted("ae-standard", components=[broken])
    await planner.replayed(path)
    answer = await planner.published(path)
    assert answer.json()["code"] == "plan-not-sound"
    assert [item["code"] for item in answer.json()["findings"]] == ["tier_gap"]
    path = await planner.drafted("ae-standard", components=[percent(rate="0.31")])
    assert [item["code"] for item in (await planner.get(f"{path}/lint")).json()["findings"]] == ["above_share"]
    await planner.replayed(path)
    answer = await planner.published(path)
    assert (answer.json()["code"], answer.json()["warnings"]) == ("warnings-not-acknowledged", ["above_share"])
    assert (await planner.published(path, warnings=("above_share",))).status_code == 200


async def test_of_two_approvals_at_once_one_wins(planner: Planner) -> None:
    path = await planner.drafted("ae-standard")
    await planner.replayed(path)
    answers = await asyncio.gather(*[planner.published(path, who=f"approver {number}") for number in range(4)])
    codes = sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)
    assert codes == [(200, "ae-standard")] + [(409, "version-already-published")] * 3


async def test_of_two_drafts_at_once_each_gets_its_number(planner: Planner) -> None:
    answers = await asyncio.gather(*[planner.post(VERSIONS, draft()) for _ in range(4)])
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5]


async def test_a_closed_month_is_never_priced_anew(planner: Planner) -> None:
    answer = await planner.post(VERSIONS, draft(effective_from="2025-09-01"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/effective_from"
    path = await planner.drafted("ae-standard", effective_from="2025-10-01")
    await planner.replayed(path)
    await planner.post("/bonus-periods/2025-10/close")
    assert (await planner.published(path)).json()["code"] == "effective-in-closed-month"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (draft(percent(rate="3%")), "/components/0/percent_of_payment/rate"),
        (draft(percent(rate=0.1)), "/components/0/percent_of_payment/rate"),
        (draft(percent(surprise=1)), "/components/0/percent_of_payment/surprise"),
        (draft({"kind": "formula", "code": "x"}), "/components/0"),
        (draft(percent(), ramp=[{"until_months": "3"}]), "/ramp/0/until_months"),
        (draft(percent(), effective_from="2025-10-02"), ""),
        (draft(percent(clawback={"within_days": 0})), "/components/0/percent_of_payment/clawback/within_days"),
        ({"components": [percent()]}, "/effective_from"),
    ],
)
async def test_a_bad_document_names_the_field(planner: Planner, body: dict[str, Any], pointer: str) -> None:
    answer = await planner.post(VERSIONS, body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "body", [{}, {"last_months": 0}, {"first_period": "2025-09"}, {"first_period": "2025-09", "last_period": "2025-10"}]
)
async def test_a_replay_needs_closed_months(planner: Planner, body: dict[str, Any]) -> None:
    path = await planner.drafted("ae-standard")
    assert (await planner.post(f"{path}/replay", body)).status_code == 422


async def test_a_new_plan_is_tried_on_everybody_of_the_standard_plan(planner: Planner) -> None:
    path = await planner.drafted("ae-hunter", effective_from="2025-10-01", components=[percent("hunt", rate="0.05")])
    replay = await planner.replayed(path, first_period="2025-09", last_period="2025-09")
    (boris,) = replay["result"]["employees"]
    assert (boris["old"]["amount"], boris["new"]["amount"], boris["outcome"]) == ("30000.00", "15000.00", "loser")
    assert (await planner.published(path)).status_code == 200
    # Published, it pays nobody before somebody is on it.
    assert await _total(planner, "2025-10") == "7500.00"
    await planner.put(
        f"/employees/{BORIS}/plan-assignments", {"assignments": [{"plan": "ae-hunter", "from_on": "2025-10-01"}]}
    )
    assert await _total(planner, "2025-10") == "0.00"


async def test_what_is_not_there(planner: Planner) -> None:
    for path in ("/bonus-plans/ae-nothing/versions", f"{VERSIONS}/9", f"{VERSIONS}/9/lint", f"{VERSIONS}/9/replays"):
        assert (await planner.get(path)).status_code == 404
    assert (await planner.published(f"{VERSIONS}/9")).status_code == 404
    # Version 1 came with the system: there is no draft of it to replay or publish.
    assert (await planner.post(f"{VERSIONS}/1/replay", {"last_months": 1})).status_code == 404
    assert (await planner.post("/bonus-plans/sdr-standard/versions", draft())).json()["code"] == "plan-of-another-role"
