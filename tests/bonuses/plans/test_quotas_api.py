"""Quotas over HTTP: revisions with history, and what they pay."""

from typing import Any

import pytest

from tests.bonuses.department import id_of
from tests.bonuses.plans.conftest import NewPlanner
from tests.bonuses.plans.planning import Planner, money

BORIS = str(id_of("Boris"))
QUOTA = f"/employees/{BORIS}/quotas/2025-Q4"
ACCELERATOR = {
    "kind": "period_bonus",
    "code": "over_quota",
    "period": "quarter",
    "per": "employee",
    "tiers": {
        "mode": "marginal",
        "by": "attainment",
        "tiers": [
            {"from_value": "0", "until_value": "100", "rate": "0.01"},
            {"from_value": "100", "rate": "0.02"},
        ],
    },
}


@pytest.fixture
async def planner(new_planner: NewPlanner) -> Planner:
    planner = await new_planner("ae")
    for period in ("2025-09",):
        assert (await planner.post(f"/bonus-periods/{period}/close")).status_code == 200
    path = await planner.drafted("ae-standard", components=[ACCELERATOR])
    await planner.replayed(path)
    assert (await planner.published(path)).status_code == 200
    return planner


async def test_history(planner: Planner) -> None:
    assert (await planner.get(QUOTA)).json()["revision"] == 0
    first = await planner.put(QUOTA, {"amount": money("400000.00")})
    assert first.headers["ETag"] == '"1"'
    await planner.put(QUOTA, {"amount": money("255000.00")}, **{"If-Match": '"1"'})
    assert (await planner.put(QUOTA, {"count": 3}, **{"If-Match": '"1"'})).status_code == 412
    said = (await planner.get(QUOTA)).json()
    assert (said["revision"], said["amount"]["amount"]) == (2, "255000.00")
    assert [item["amount"]["amount"] for item in said["history"]] == ["400000.00", "255000.00"]


async def test_an_accelerator_over_the_quota_is_paid_at_the_quarters_closing(planner: Planner) -> None:
    why = (await planner.get("/bonuses/why", employee_id=BORIS, period="2025-12", component="over_quota")).json()
    assert [item["reason_code"] for item in why["absences"]] == ["no_quota"]
    await planner.put(QUOTA, {"amount": money("255000.00")})
    # The quarter's payments net of the refund are 510,000.00: 1 % of 255,000.00 and 2 % of the rest.
    open_month = (await planner.get("/bonuses", employee_id=BORIS, period="2025-12")).json()
    assert (open_month["state"], open_month["total"]["amount"]) == ("open", "7650.00")
    for period in ("2025-10", "2025-11", "2025-12"):
        assert (await planner.post(f"/bonus-periods/{period}/close")).status_code == 200
    closed = (await planner.get("/bonuses", employee_id=BORIS, period="2025-12")).json()
    assert (closed["state"], closed["total"]["amount"]) == ("closed", "7650.00")
    assert (await planner.put(QUOTA, {"count": 1})).json()["code"] == "quota-of-closed-period"
    why = (await planner.get("/bonuses/why", employee_id=BORIS, period="2025-12", component="over_quota")).json()
    assert len(why["lines"][0]["entry_ids"]) == 1


@pytest.mark.parametrize(
    "body", [{}, {"count": 0}, {"count": 1, "amount": money("1.00")}, {"amount": {"amount": "1", "currency": "RUB"}}]
)
async def test_bad_quotas(planner: Planner, body: dict[str, Any]) -> None:
    assert (await planner.put(QUOTA, body)).status_code == 422


async def test_bad_periods_and_people(planner: Planner) -> None:
    quota = {"count": 5}
    assert (await planner.put(f"/employees/{BORIS}/quotas/2025-13", quota)).status_code == 422
    assert (await planner.put(f"/employees/{id_of('Vera')}/quotas/2025-Q4", quota)).status_code == 409
    assert (await planner.put(f"/employees/{id_of('Nobody')}/quotas/2025-Q4", quota)).status_code == 422
    assert (await planner.put(QUOTA, quota, role="payroll")).status_code == 403
