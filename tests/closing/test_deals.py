"""Deals: who sees them, criteria, owner, loss."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conveyor.contracts.closing import DealCriterionAnswered, DealLost, DealOwnerChanged
from conveyor.kit.ids import new_id
from tests.closing.deal_steps import deal, etag, opened, pointers, refused, sign
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

LOSS = {"reason": "no_budget", "note": "next year"}
KNOWN = {"answer": "15 seats", "evidence": "their letter"}


async def test_an_ae_sees_his_own_deals_and_no_peers(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    mine, _ = await opened(stage, boris)
    peers, _ = await opened(stage, denis)

    listed = (await stage.call("GET", "/deals", who=f"ae:{boris}")).json()["items"]

    assert [item["id"] for item in listed] == [mine]
    assert (await stage.call("GET", f"/deals/{peers}", who=f"ae:{boris}")).status_code == 404
    lost = await stage.call("POST", f"/deals/{peers}/loss", LOSS, who=f"ae:{boris}")
    assert refused(lost) == (404, "not-found")
    for who in ("head", "admin", "auditor", "integration"):
        assert len((await stage.call("GET", "/deals", who=who)).json()["items"]) == 2
    for who in ("sdr", "am", "payroll", "marketing"):
        assert (await stage.call("GET", "/deals", who=f"{who}:{new_id()}")).status_code == 403


async def test_lists_filter_by_state_lead_and_owner(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    lost, offer = await opened(stage, boris)
    standing, _ = await opened(stage, denis)
    await stage.call("POST", f"/deals/{lost}/loss", {**LOSS, "employee_id": str(boris)})

    async def ids(query: str) -> list[str]:
        return [item["id"] for item in (await stage.call("GET", f"/deals?{query}", who="head")).json()["items"]]

    assert await ids("state=lost") == [lost]
    assert await ids(f"lead_id={offer.lead_id}") == [lost]
    assert await ids(f"employee_id={denis}") == [standing]
    assert await ids(f"state=won&employee_id={denis}") == []


async def test_a_criterion_is_answered_with_evidence(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)

    tag = await etag(stage, deal_id)
    first = await stage.call("PUT", f"/deals/{deal_id}/criteria/budget", KNOWN, who=f"ae:{boris}", if_match=tag)
    tag = first.headers["etag"]
    body = {**KNOWN, "answer": "20 seats"}
    second = await stage.call("PUT", f"/deals/{deal_id}/criteria/budget", body, who=f"ae:{boris}", if_match=tag)

    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert [one["answer"] for one in (await deal(stage, deal_id))["criteria"]] == ["20 seats"]
    said = [fact for fact, _ in await stage.said(DealCriterionAnswered)]
    assert [(one.code, one.answer, one.lead_id) for one in said] == [
        ("budget", "15 seats", offer.lead_id),
        ("budget", "20 seats", offer.lead_id),
    ]


@pytest.mark.parametrize(("ticked", "kept"), [(True, "yes"), (False, "no")])
async def test_a_ticked_box_is_an_answer_in_words(stage: StageAtWork, ticked: bool, kept: str) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)
    body = {**KNOWN, "answer": ticked}

    answer = await stage.call("PUT", f"/deals/{deal_id}/criteria/budget", body, who=f"ae:{boris}", if_match='"1"')

    assert answer.json()["answer"] == kept


async def test_a_put_needs_the_etag_it_read(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)
    path, who, tag = f"/deals/{deal_id}/criteria/budget", f"ae:{boris}", await etag(stage, deal_id)

    missing = await stage.call("PUT", path, KNOWN, who=who)
    answers = await asyncio.gather(*(stage.call("PUT", path, KNOWN, who=who, if_match=tag) for _ in range(3)))

    assert refused(missing) == (428, "precondition-required")
    assert sorted(one.status_code for one in answers) == [200, 412, 412]
    assert len(await stage.said(DealCriterionAnswered)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"answer": "yes"}, "/evidence"),
        ({**KNOWN, "answer": ""}, "/answer"),
        ({**KNOWN, "weight": 3}, "/weight"),
        ({**KNOWN, "occurred_at": (NOW + timedelta(hours=1)).isoformat()}, "/occurred_at"),
        ({**KNOWN, "occurred_at": (NOW - timedelta(days=8)).isoformat()}, "/occurred_at"),
    ],
)
async def test_bad_criteria_name_the_field(stage: StageAtWork, body: dict[str, Any], pointer: str) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)

    response = await stage.call("PUT", f"/deals/{deal_id}/criteria/budget", body, who=f"ae:{boris}", if_match='"1"')

    assert pointers(response) == [pointer]


async def test_head_moves_a_deal_from_a_moment_on(stage: StageAtWork) -> None:
    boris, denis, egor = [await stage.hire(name) for name in ("Boris", "Denis", "Egor")]
    deal_id, offer = await opened(stage, boris)
    noon = YESTERDAY + timedelta(hours=3)

    moves = ((denis, NOW + timedelta(days=1)), (egor, noon))
    for owner, since in moves:
        body = {"employee_id": str(owner), "from": since.isoformat()}
        tag = await etag(stage, deal_id)
        response = await stage.call("PUT", f"/deals/{deal_id}/owner", body, who="head", if_match=tag)
        assert response.status_code == 200, response.text

    shown = await deal(stage, deal_id)
    assert [one["employee_id"] for one in shown["owners"]] == [str(boris), str(egor), str(denis)]
    assert shown["employee_id"] == str(egor)
    assert (await stage.call("GET", f"/deals/{deal_id}", who=f"ae:{boris}")).status_code == 404
    said = await stage.said(DealOwnerChanged)
    assert [(fact.revision, fact.employee_id, fact.from_at, at) for fact, at in said] == [
        (2, denis, NOW + timedelta(days=1), NOW),
        (3, egor, noon, noon),
    ]
    assert {fact.lead_id for fact, _ in said} == {offer.lead_id}


async def test_bad_moves_are_refused(stage: StageAtWork) -> None:
    boris, sdr = await stage.hire(), await stage.hire("Anna", role="sdr")
    gone = await stage.hire("gone", left_on=NOW.date())
    deal_id, _ = await opened(stage, boris)
    path, tag = f"/deals/{deal_id}/owner", await etag(stage, deal_id)
    good = {"employee_id": str(boris), "from": NOW.isoformat()}

    for change, pointer in (
        ({"employee_id": str(sdr)}, "/employee_id"),
        ({"employee_id": str(gone)}, "/employee_id"),
        ({"from": (YESTERDAY - timedelta(seconds=1)).isoformat()}, "/from"),
        ({"from": "2026-03-10"}, "/from"),
        ({"until": NOW.isoformat()}, "/until"),
    ):
        response = await stage.call("PUT", path, {**good, **change}, who="head", if_match=tag)
        assert pointers(response) == [pointer]
    assert (await stage.call("PUT", path, good, who="head")).status_code == 428
    assert (await stage.call("PUT", path, good, who=f"ae:{boris}", if_match=tag)).status_code == 403
    assert (await stage.call("PUT", f"/deals/{new_id()}/owner", good, who="head", if_match=tag)).status_code == 404
    assert await stage.said(DealOwnerChanged) == []


async def test_a_deal_is_lost_once_and_not_after_it_was_won(stage: StageAtWork) -> None:
    boris = await stage.hire()
    lost, _ = await opened(stage, boris)
    won, _ = await opened(stage, boris)
    assert (await sign(stage, won, by=boris)).status_code == 201

    answer = await stage.call("POST", f"/deals/{lost}/loss", LOSS, who=f"ae:{boris}")
    again = await stage.call("POST", f"/deals/{lost}/loss", LOSS, who=f"ae:{boris}")
    too_late = await stage.call("POST", f"/deals/{won}/loss", LOSS, who=f"ae:{boris}")

    assert (answer.json()["state"], answer.json()["loss_reason"]) == ("lost", "no_budget")
    assert refused(again) == (409, "deal-already-lost")
    assert refused(too_late) == (409, "deal-already-won")
    assert refused(await sign(stage, lost, by=boris, number="C-18")) == (409, "deal-already-lost")
    ((said, at),) = await stage.said(DealLost)
    assert (said.reason, said.note, str(said.deal_id), at) == ("no_budget", "next year", lost, NOW)


async def test_a_deal_is_not_lost_before_it_was_opened(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)
    too_early = (YESTERDAY - timedelta(seconds=1)).isoformat()
    path, loss = f"/deals/{deal_id}/loss", {**LOSS, "employee_id": str(boris)}

    assert pointers(await stage.call("POST", path, {**loss, "occurred_at": too_early})) == ["/occurred_at"]
    assert await stage.said(DealLost) == []
    assert (await stage.call("POST", path, {**loss, "occurred_at": YESTERDAY.isoformat()})).status_code == 200


async def test_an_unknown_reason_of_loss_is_refused(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)

    response = await stage.call("POST", f"/deals/{deal_id}/loss", {"reason": "mood"}, who=f"ae:{boris}")

    assert pointers(response) == ["/reason"]
