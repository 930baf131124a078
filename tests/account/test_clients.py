"""Clients: opened by acceptance, aged by payments, owned in dated intervals."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from conveyor.contracts.account import ClientOpened, ClientOwnerChanged
from conveyor.contracts.closing import ContractSigned
from conveyor.contracts.handoffs import HandoffAccepted
from conveyor.contracts.outside import PaymentReceived, PaymentRefunded
from conveyor.kit.ids import new_id
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

RUB = "RUB"


def payment(lead_id: UUID, payment_id: str, paid_at: datetime) -> PaymentReceived:
    body: dict[str, Any] = {"payment_id": payment_id, "source": "bank", "lead_id": lead_id, "paid_at": paid_at}
    money = {"amount": {"amount": "100.00", "currency": RUB}, "delivery_id": new_id()}
    return PaymentReceived.model_validate({**body, **money, "reference": {"system": "phone", "value": "+7"}})


def refund(lead_id: UUID, payment_id: str, amount: str) -> PaymentRefunded:
    body: dict[str, Any] = {"refund_id": f"R{payment_id}{amount}", "payment_id": payment_id, "source": "bank"}
    money = {"amount": {"amount": amount, "currency": RUB}, "delivery_id": new_id()}
    return PaymentRefunded.model_validate({**body, **money, "lead_id": lead_id, "refunded_at": NOW})


async def client(stage: StageAtWork, lead_id: UUID, *, who: str = "head") -> dict[str, Any]:
    response = await stage.call("GET", f"/clients/{lead_id}", who=who)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_acceptance_opens_the_client(stage: StageAtWork) -> None:
    vera = await stage.hire("Vera")
    offer = await stage.offer()

    answer = await stage.accept(offer.handoff_id, vera)

    assert (answer["state"], answer["deal_id"]) == ("accepted", str(offer.deal_id))
    ((accepted, _),) = await stage.said(HandoffAccepted)
    ((opened, at),) = await stage.said(ClientOpened)
    assert (accepted.to_stage, accepted.deal_id) == ("account", offer.deal_id)
    assert (opened.lead_id, opened.handoff_id, opened.employee_id, at) == (
        offer.lead_id,
        offer.handoff_id,
        vera,
        YESTERDAY,
    )
    shown = await client(stage, offer.lead_id, who=f"am:{vera}")
    assert (shown["employee_id"], shown["company"]["name"], shown["age"]) == (str(vera), "Romashka", None)


async def test_a_known_client_changes_hands_with_the_next_acceptance(stage: StageAtWork) -> None:
    vera, zoya, lead_id = await stage.hire("Vera"), await stage.hire("Zoya"), new_id()
    first, second = [await stage.offer(lead_id=lead_id, at=NOW - timedelta(days=9)) for _ in range(2)]

    await stage.accept(second.handoff_id, zoya)
    await stage.accept(first.handoff_id, vera, at=NOW - timedelta(days=5))

    shown = await client(stage, lead_id)
    assert [one["employee_id"] for one in shown["owners"]] == [str(vera), str(zoya)]
    assert shown["opened_at"] == "2026-03-05T09:00:00Z"
    assert len(await stage.said(ClientOpened)) == 1
    ((moved, at),) = await stage.said(ClientOwnerChanged)
    assert (moved.employee_id, moved.from_at, at) == (vera, NOW - timedelta(days=5), NOW - timedelta(days=5))


async def test_of_acceptances_of_one_lead_at_once_one_opens_it(stage: StageAtWork) -> None:
    vera, lead_id = await stage.hire(), new_id()
    offers = [await stage.offer(lead_id=lead_id) for _ in range(4)]

    await asyncio.gather(*(stage.accept(offer.handoff_id, vera) for offer in offers))

    assert len(await stage.said(ClientOpened)) == 1
    assert sorted(fact.revision for fact, _ in await stage.said(ClientOwnerChanged)) == [2, 3, 4]


async def test_an_am_sees_his_own_clients_and_no_peers(stage: StageAtWork) -> None:
    vera, zoya = await stage.hire("Vera"), await stage.hire("Zoya")
    mine, peers = await stage.offer(), await stage.offer()
    await stage.accept(mine.handoff_id, vera)
    await stage.accept(peers.handoff_id, zoya)

    listed = (await stage.call("GET", "/clients", who=f"am:{vera}")).json()["items"]

    assert [one["lead_id"] for one in listed] == [str(mine.lead_id)]
    assert (await stage.call("GET", f"/clients/{peers.lead_id}", who=f"am:{vera}")).status_code == 404
    assert (await stage.call("GET", f"/clients/{new_id()}", who="head")).status_code == 404
    assert (await stage.call("GET", "/clients", who=f"ae:{vera}")).status_code == 403
    filtered = (await stage.call("GET", f"/clients?employee_id={zoya}", who="head")).json()["items"]
    assert [one["lead_id"] for one in filtered] == [str(peers.lead_id)]


async def test_payments_refunds_and_contracts_come_in_any_order_and_twice(stage: StageAtWork) -> None:
    vera = await stage.hire()
    for order in permutations(("accepted", "payment", "refund", "contract")):
        lead_id = new_id()
        facts: dict[str, Any] = {
            "payment": payment(lead_id, f"P{lead_id}", YESTERDAY),
            "refund": refund(lead_id, f"P{lead_id}", "40.00"),
            "contract": ContractSigned(
                deal_id=new_id(), lead_id=lead_id, employee_id=new_id(), number=f"C{lead_id}", signed_at=YESTERDAY
            ),
        }
        for step in order:
            if step == "accepted":
                await stage.accept((await stage.offer(lead_id=lead_id)).handoff_id, vera)
            else:
                await stage.hear(facts[step], facts[step])

        shown = await client(stage, lead_id)
        assert [one["number"] for one in shown["contracts"]] == [f"C{lead_id}"]
        assert [one["payment_id"] for one in shown["payments"]] == [f"P{lead_id}"]
        assert shown["payments"][0]["refunds"][0]["amount"] == {"amount": "40.00", "currency": "RUB"}
        assert (shown["since"], shown["age"]) == ("2026-03-09T09:00:00Z", "new")


async def test_the_age_counts_from_what_was_not_wholly_refunded(stage: StageAtWork) -> None:
    vera, lead_id = await stage.hire(), new_id()
    await stage.accept((await stage.offer(lead_id=lead_id)).handoff_id, vera)
    first, second = datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 12, 20, tzinfo=UTC)
    await stage.hear(payment(lead_id, "P1", first), payment(lead_id, "P2", second))
    assert (await client(stage, lead_id))["age"] == "mature"

    await stage.hear(refund(lead_id, "P1", "60.00"), refund(lead_id, "P1", "40.00"))
    shown = await client(stage, lead_id)
    assert (shown["since"], shown["mature_from"], shown["age"]) == (
        "2025-12-20T00:00:00Z",
        "2026-03-20T00:00:00Z",
        "new",
    )

    await stage.hear(refund(lead_id, "P2", "100.00"))
    assert (await client(stage, lead_id))["since"] == "2025-09-01T00:00:00Z"


async def test_head_moves_a_client_with_its_etag(stage: StageAtWork) -> None:
    vera, zoya = await stage.hire("Vera"), await stage.hire("Zoya")
    offer = await stage.offer()
    await stage.accept(offer.handoff_id, vera)
    path, body = f"/clients/{offer.lead_id}/owner", {"employee_id": str(zoya), "from": NOW.isoformat()}
    tag = (await stage.call("GET", f"/clients/{offer.lead_id}", who="head")).headers["etag"]

    assert (await stage.call("PUT", path, body, who="head")).status_code == 428
    answers = await asyncio.gather(*(stage.call("PUT", path, body, who="head", if_match=tag) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 412, 412]

    assert (await client(stage, offer.lead_id))["employee_id"] == str(zoya)
    ((said, at),) = await stage.said(ClientOwnerChanged)
    assert (said.employee_id, said.revision, said.from_at, at) == (zoya, 2, NOW, NOW)
    assert (await stage.call("PUT", path, body, who=f"am:{zoya}", if_match=tag)).status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"from": (YESTERDAY - timedelta(seconds=1)).isoformat()}, "/from"),
        ({"employee_id": str(new_id())}, "/employee_id"),
        ({"reason": "x"}, "/reason"),
    ],
)
async def test_bad_moves_name_the_field(stage: StageAtWork, change: dict[str, Any], pointer: str) -> None:
    vera = await stage.hire()
    offer = await stage.offer()
    await stage.accept(offer.handoff_id, vera)
    body = {"employee_id": str(vera), "from": NOW.isoformat(), **change}

    response = await stage.call("PUT", f"/clients/{offer.lead_id}/owner", body, who="admin", if_match='"1"')

    assert response.status_code == 422, response.text
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


async def test_a_leavers_client_goes_by_the_rule_and_it_is_said(stage: StageAtWork) -> None:
    vera = await stage.hire("Vera")
    offer = await stage.offer(at=NOW - timedelta(days=20))
    await stage.accept(offer.handoff_id, vera, at=NOW - timedelta(days=20))
    zoya = await stage.hire("Zoya")

    await stage.hire("Vera", employee_id=vera, revision=2, left_on=date(2026, 3, 1))

    ((said, _),) = await stage.said(ClientOwnerChanged)
    assert (said.employee_id, said.from_at) == (zoya, datetime(2026, 2, 28, 21, 0, tzinfo=UTC))
    assert [one["employee_id"] for one in (await client(stage, offer.lead_id))["owners"]] == [str(vera), str(zoya)]
