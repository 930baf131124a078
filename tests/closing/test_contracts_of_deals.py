"""Contracts: won deals, announced references, the offer to account."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conveyor.contracts.closing import ContractSigned, MeetingHeld
from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered, HandoffReturned
from conveyor.contracts.references import ReferenceAssigned
from conveyor.kit.ids import new_id
from tests.closing.deal_steps import SIGNED, deal, opened, pointers, refused, sign
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

INVOICE = {"system": "invoice", "value": "I-5"}
CRM = {"system": "crm:amo", "value": "42"}


async def test_a_contract_wins_the_deal_and_announces_its_names(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    references = [{"system": "contract", "value": "C-17"}, INVOICE, CRM, INVOICE]
    value = {"amount": "450000.00", "currency": "RUB"}

    signed = await sign(stage, deal_id, by=boris, references=references, value=value, signed_at=YESTERDAY.isoformat())

    assert signed.status_code == 201, signed.text
    ((said, at),) = await stage.said(ContractSigned)
    assert (said.number, said.lead_id, str(said.deal_id), at) == ("C-17", offer.lead_id, deal_id, YESTERDAY)
    assert [one.model_dump() for one in said.references] == [INVOICE, CRM]
    assigned = [fact for fact, _ in await stage.said(ReferenceAssigned)]
    assert [(one.reference.system, one.reference.value, one.deal_id and str(one.deal_id)) for one in assigned] == [
        ("contract", "C-17", deal_id),
        ("invoice", "I-5", deal_id),
        ("crm:amo", "42", None),
    ]
    shown = await deal(stage, deal_id)
    assert (shown["state"], shown["closed_at"]) == ("won", "2026-03-09T09:00:00Z")
    (contract,) = shown["contracts"]
    assert contract | {"references": None} == signed.json() | {"references": None}
    assert contract["value"] == value


async def test_the_offer_to_account_carries_everything(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris, needs="telephony", introduction_wanted=True)
    assert offer.meeting is not None
    body = {"meeting_id": str(offer.meeting.meeting_id), "outcome": "held", "employee_id": str(boris)}
    await stage.call("POST", f"/deals/{deal_id}/meeting-outcome", body)
    assert len(await stage.said(MeetingHeld)) == 1

    signed = await sign(stage, deal_id, by=boris)

    ((said, at),) = await stage.said(HandoffOffered)
    assert (said.from_stage, said.to_stage, said.offered_by, at) == ("closing", "account", boris, NOW)
    assert (str(said.handoff_id), str(said.deal_id)) == (signed.json()["handoff_id"], deal_id)
    assert (said.contract_number, said.company.name, said.needs) == ("C-17", "Romashka", "telephony")
    assert said.introduction_wanted
    assert [one.code for one in said.criteria] == ["budget"]
    assert [(one.kind, one.employee_id) for one in said.touches] == [("meeting_held", boris)]


async def test_numbers_and_references_belong_to_one_deal(stage: StageAtWork) -> None:
    boris = await stage.hire()
    mine, _ = await opened(stage, boris)
    other, _ = await opened(stage, boris)
    assert (await sign(stage, mine, by=boris, references=[INVOICE])).status_code == 201

    assert refused(await sign(stage, mine, by=boris)) == (409, "contract-already-signed")
    assert refused(await sign(stage, other, by=boris)) == (409, "contract-number-taken")
    taken = await sign(stage, other, by=boris, number="C-18", references=[INVOICE])
    assert refused(taken) == (409, "reference-taken")
    as_number = await sign(stage, other, by=boris, number="C-18", references=[{"system": "contract", "value": "C-17"}])
    assert refused(as_number) == (409, "reference-taken")
    assert (await deal(stage, other))["state"] == "open"
    assert len(await stage.said(ContractSigned)) == 1


async def test_of_two_deals_that_claim_a_number_at_once_one_wins(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deals = [(await opened(stage, boris))[0] for _ in range(3)]

    answers = await asyncio.gather(*(sign(stage, one, by=boris) for one in [*deals, *deals]))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_deals_of_one_lead_won_at_once_offer_it_to_account_once(stage: StageAtWork) -> None:
    boris, lead_id = await stage.hire(), new_id()
    deals = [(await opened(stage, boris, lead_id=lead_id))[0] for _ in range(3)]

    answers = await asyncio.gather(
        *(sign(stage, one, by=boris, number=f"C-{place}") for place, one in enumerate(deals)),
    )

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert sum(answer.json()["handoff_id"] is not None for answer in answers) == 1
    assert len(await stage.said(HandoffOffered)) == 1


async def test_a_second_contract_does_not_offer_again_until_account_returns(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    handoff_id = (await sign(stage, deal_id, by=boris)).json()["handoff_id"]
    way = {"from_stage": "closing", "to_stage": "account"}
    path = f"/deals/{deal_id}/account-handoff"

    assert (await sign(stage, deal_id, by=boris, number="C-18")).json()["handoff_id"] is None
    standing = await stage.call("POST", path, who=f"ae:{boris}")
    answer: dict[str, Any] = {"handoff_id": handoff_id, "lead_id": offer.lead_id, "employee_id": new_id(), **way}
    await stage.hear(HandoffReturned(reason="duplicate", **answer), service="account")
    again = await stage.call("POST", path, who=f"ae:{boris}")
    await stage.hear(HandoffAccepted(**{**answer, "handoff_id": again.json()["id"]}), service="account")
    last = await sign(stage, deal_id, by=boris, number="C-19")

    assert refused(standing) == (409, "handoff-still-stands")
    assert again.status_code == 201, again.text
    assert last.json()["handoff_id"] is None
    offered = [fact for fact, _ in await stage.said(HandoffOffered)]
    assert [(str(one.handoff_id), one.contract_number) for one in offered] == [
        (handoff_id, "C-17"),
        (again.json()["id"], "C-17"),
    ]
    shown = {one["number"]: one["handoff_id"] for one in (await deal(stage, deal_id))["contracts"]}
    assert shown == {"C-17": handoff_id, "C-18": None, "C-19": None}


async def test_a_deal_without_contract_is_not_offered(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)

    response = await stage.call("POST", f"/deals/{deal_id}/account-handoff", who=f"ae:{boris}")

    assert refused(response) == (409, "deal-without-contract")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"signed_at": (NOW + timedelta(seconds=1)).isoformat()}, "/signed_at"),
        ({"signed_at": "yesterday"}, "/signed_at"),
        ({"occurred_at": (YESTERDAY - timedelta(days=1)).isoformat()}, "/occurred_at"),
        ({"number": ""}, "/number"),
        ({"value": {"amount": 15000, "currency": "RUB"}}, "/value/amount"),
        ({"value": {"amount": "1e4", "currency": "RUB"}}, "/value/amount"),
        ({"references": [{"system": "lead_id", "value": "x"}]}, "/references/0/system"),
        ({"references": [{"system": "fax", "value": "x"}]}, "/references/0/system"),
        ({"discount": "10"}, "/discount"),
        ({"employee_id": None}, "/employee_id"),
    ],
)
async def test_bad_contracts_name_the_field(stage: StageAtWork, change: dict[str, Any], pointer: str) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris)
    body = {**SIGNED, "employee_id": str(boris), **change}

    assert pointers(await stage.call("POST", f"/deals/{deal_id}/contract", body)) == [pointer]


async def test_people_may_not_date_a_contract_far_back_but_history_may(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, _ = await opened(stage, boris, at=NOW - timedelta(days=400))
    body = {**SIGNED, "signed_at": (NOW - timedelta(days=300)).isoformat()}

    by_himself = await stage.call("POST", f"/deals/{deal_id}/contract", body, who=f"ae:{boris}")
    imported = await stage.call("POST", f"/deals/{deal_id}/contract", {**body, "employee_id": str(boris)})

    assert pointers(by_himself) == ["/signed_at"]
    assert imported.status_code == 201
    ((_, at),) = await stage.said(HandoffOffered)
    assert at == NOW - timedelta(days=300)
