"""Fetch-back end to end: an API that is down, that lies, that redirects; money moves only by what it says."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from handoff_bus.fetching.client import ApiClient, Failed
from handoff_bus.fetching.rules import LONGEST_SECONDS, wait_before
from handoff_bus.sources.kinds.reading import FetchPlan
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.payments.payment_sources import (
    Api,
    api_at_work,
    fetcher_of,
    know_lead,
    money_in,
    money_out,
    open_source,
    post,
)
from tests.handoff_bus.payments.provider_notices import tbank, yookassa, yookassa_payment, yookassa_refund

PAYMENT = yookassa_payment()
PATH = f"/payments/{PAYMENT['id']}"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_at_work() as made:
        yield made


async def test_a_thin_event_whose_api_is_down_for_an_hour(bus: BusAtWork, api: Api) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "yookassa", shop_id="4242", api_url=api.url)
    api.answers[PATH] = (503, b"")
    answered = await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
    assert (answered.status_code, answered.content) == (200, b"")
    await bus.settle()
    waiting = (await bus.read("/deliveries?state=received"))["items"][0]
    assert (waiting["reason"], waiting["attempts"], waiting["type"]) == ("awaits_fetch", 0, "payment.received")

    minutes = 0
    async with fetcher_of(bus) as fetcher:
        while minutes < 60:
            await fetcher.fetch_batch()
            await bus.settle()
            minutes += 1
            bus.clock.set(NOW + timedelta(minutes=minutes))
        waiting = await bus.delivery(waiting["id"])
        assert (waiting["state"], await money_in(bus)) == ("received", [])
        assert 8 <= waiting["attempts"] <= 12
        assert "503" in waiting["detail"]
        assert waiting["next_try_at"] > (NOW + timedelta(minutes=59)).isoformat()

        api.answers[PATH] = (200, PAYMENT)
        bus.clock.set(NOW + timedelta(minutes=80))
        await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
        assert await fetcher.fetch_batch() == 1
        await bus.settle()
    assert await money_in(bus) == [(PAYMENT["id"], "4500.00")]
    assert await bus.state(waiting["id"]) == ("published", None)
    assert api.asked[-1][1]["authorization"].startswith("Basic NDI0Mjpr")


async def test_what_the_api_says_counts_not_the_notification(bus: BusAtWork, api: Api) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "yookassa", shop_id="4242", api_url=api.url)
    forged = yookassa_payment(amount={"value": "999999.00", "currency": "RUB"})
    api.answers[PATH] = (200, PAYMENT)
    await post(bus, "yookassa", yookassa("payment.succeeded", forged))
    unknown = yookassa_payment(id="2f00aa11-000f-5000-9000-000000000000")
    await post(bus, "yookassa", yookassa("payment.succeeded", unknown))
    await bus.settle()
    assert await money_in(bus) == []
    async with fetcher_of(bus) as fetcher:
        await fetcher.fetch_batch()
    await bus.settle()
    assert await money_in(bus) == [(PAYMENT["id"], "4500.00")]
    reasons = {item["reason"] for item in (await bus.read("/deliveries?state=published"))["items"]}
    assert reasons == {None, "gone_at_source"}


async def test_after_a_rotation_the_api_is_asked_with_the_new_key(bus: BusAtWork, api: Api) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    source = await open_source(bus, "yookassa", shop_id="4242", api_url=api.url)
    api.answers[PATH] = (200, PAYMENT)
    await bus.made(f"/sources/{source['id']}/secret", {"secret": "the-new-key", "overlap_hours": 24})
    await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
    await bus.settle()
    async with fetcher_of(bus) as fetcher:
        await fetcher.fetch_batch()
    assert api.asked[-1][1]["authorization"] == f"Basic {base64.b64encode(b'4242:the-new-key').decode()}"


async def test_several_refunds_in_part_of_one_yookassa_payment(bus: BusAtWork, api: Api) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "yookassa", shop_id="4242", api_url=api.url)
    api.answers[PATH] = (200, PAYMENT)
    refunds = [yookassa_refund(f"2f00bb22-0015-5000-8000-00000000000{number}") for number in (1, 2)]
    for refund in [*refunds, refunds[0]]:
        api.answers[f"/refunds/{refund['id']}"] = (200, refund)
        await post(bus, "yookassa", yookassa("refund.succeeded", refund))
    await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
    await bus.settle()
    async with fetcher_of(bus) as fetcher:
        await fetcher.fetch_batch()
    await bus.settle()
    assert await money_out(bus) == [(PAYMENT["id"], "700.00")] * 2


async def test_without_a_shop_unsigned_money_is_kept_for_a_person(bus: BusAtWork) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "yookassa")
    await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
    await bus.settle()
    item = (await bus.read("/deliveries"))["items"][0]
    assert (item["state"], item["reason"]) == ("quarantined", "unproven_money")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((302, b""), "302"),
        ((401, b"{}"), "401"),
        ((200, b"x" * 1_100_000), "larger"),
        ((200, b"\xff\xfe"), "UTF-8"),
    ],
)
async def test_useless_answers_of_an_api(bus: BusAtWork, api: Api, answer: tuple[int, bytes], words: str) -> None:
    await open_source(bus, "yookassa", shop_id="4242", api_url=api.url)
    api.answers[PATH] = answer
    await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
    await bus.settle()
    async with fetcher_of(bus) as fetcher:
        await fetcher.fetch_batch()
        item = (await bus.read("/deliveries?state=received"))["items"][0]
        assert item["attempts"] == 1
        assert words in item["detail"]
        assert len(api.asked) == 1
        bus.clock.set(NOW + timedelta(days=8))
        await fetcher.fetch_batch()
    assert await bus.state(item["id"]) == ("quarantined", "not_fetched")


async def test_two_equal_partial_refunds_of_tbank_stay_two(bus: BusAtWork, api: Api) -> None:
    await know_lead(bus, ("invoice", "S-205"))
    await open_source(bus, "tbank", api_url=api.url)
    state = {"TerminalKey": "1700000000777", "Success": True, "PaymentId": "700123", "Status": "PARTIAL_REFUNDED"}
    assert (await post(bus, "tbank", tbank())).content == b"OK"
    notice = tbank("PARTIAL_REFUNDED", amount=70_000)
    async with fetcher_of(bus) as fetcher:
        for minute, left in enumerate((380_000, 380_000, 310_000, 310_000), start=1):
            api.answers["/GetState"] = (200, {**state, "Amount": left})
            await post(bus, "tbank", notice)
            await bus.settle()
            await fetcher.fetch_batch()
            await bus.settle()
            bus.clock.set(NOW + timedelta(minutes=minute))
    assert await money_out(bus) == [("700123", "700.00"), ("700123", "700.00")]
    await post(bus, "tbank", tbank("REFUNDED", amount=310_000))
    await bus.settle()
    assert (await money_out(bus))[2:] == [("700123", "3100.00")]
    assert b"Password" not in api.asked[0][2]
    assert b"Token" in api.asked[0][2]


def test_waits_grow_and_are_spread() -> None:
    assert wait_before(1, jitter=0.0).total_seconds() == 2.5
    assert wait_before(3, jitter=0.5).total_seconds() == 15
    assert wait_before(50, jitter=0.99).total_seconds() <= LONGEST_SECONDS
    assert wait_before(1, jitter=0.0, retry_after_seconds=120).total_seconds() == 120


async def test_an_api_in_the_own_house_is_not_called_unless_that_is_allowed(bus: BusAtWork, api: Api) -> None:
    await open_source(bus, "yookassa", shop_id="4242", api_url=api.url)
    api.answers[PATH] = (200, PAYMENT)
    await post(bus, "yookassa", yookassa("payment.succeeded", PAYMENT))
    await bus.settle()

    async with fetcher_of(bus, private_allowed=False) as fetcher:
        assert await fetcher.fetch_batch() == 1

    item = (await bus.read("/deliveries?state=received"))["items"][0]
    assert (item["reason"], item["attempts"]) == ("awaits_fetch", 1)
    assert "the bus may not call it" in item["detail"]
    assert api.asked == []


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "::1"])
async def test_a_name_that_leads_into_the_own_house_is_not_called(address: str) -> None:
    async def into_the_house(host: str, port: int) -> list[str]:
        assert (host, port) == ("api.example.com", 443)
        return ["93.184.216.34", address]

    async with ApiClient(private_allowed=False, resolve=into_the_house) as client:
        with pytest.raises(Failed, match="private network"):
            await client.call(FetchPlan("payment", "https://api.example.com/payments/1"))
