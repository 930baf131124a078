"""Bank statements: encodings and oddities of the format, and uploads end to end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.onec_bank.purpose import names_in_purpose
from handoff_bus.sources.kinds.onec_bank.statement import split
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.payments.payment_sources import know_lead, money_in, money_out, open_source
from tests.handoff_bus.payments.statements import OWN, THEIR_INN, incoming, outgoing, statement

AT = datetime(2026, 3, 20, tzinfo=UTC)


def read(body: bytes, **settings: Any) -> list[dict[str, Any]]:
    kind = KINDS["onec_bank"]
    reading = kind.parse(RawRequest(headers={}, body=body, at=AT), kind.settings(**settings))
    return [event.data.model_dump(mode="json", exclude_none=True) for event in reading.events]


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_encodings_and_line_endings(encoding: str, ending: str) -> None:
    payment, refund = read(statement(incoming(), outgoing(), encoding=encoding, ending=ending))
    assert payment["paid_at"] == "2026-03-08T21:00:00Z"
    assert payment["amount"] == {"amount": "4500.00", "currency": "RUB"}
    assert payment["vat"] == {"amount": "750.00", "currency": "RUB"}
    assert payment["lead"] == {"system": "contract", "value": "C-17"}
    assert (refund["amount"]["amount"], refund["payment_id"]) == ("700.50", "invoice:S-205")


def test_gotcha_mixed_endings_missing_footer_and_a_footer_in_another_encoding() -> None:
    whole = statement(incoming(), encoding="utf-8")
    mixed = whole.replace(b"\r\n", b"\n", 7)
    bare = statement(incoming(), encoding="utf-8", footer=False)
    foreign = bare + "\r\nКонецФайла".encode("cp1251")
    assert read(whole) == read(mixed) == read(bare) == read(foreign)


def test_gotcha_own_account_decides_the_direction() -> None:
    file = statement(incoming(), outgoing())
    assert len(read(file, accounts=[OWN])) == 2
    assert read(file, accounts=["40702810000000009999"]) == []
    assert read(statement(incoming(purpose="Возврат излишне уплаченного"), outgoing(purpose="Аренда за март"))) == []


def test_gotcha_balances_must_add_up_when_given() -> None:
    assert read(statement(incoming(), balance=("10.00", "4500.00", "0.00", "4510.00")))
    with pytest.raises(UnreadableDelivery):
        read(statement(incoming(), balance=("10.00", "4500.00", "0.00", "4510.01")))


@pytest.mark.parametrize("cut", [b"", b"PDF", statement(incoming())[:-120], statement(incoming(amount="1,5"))])
def test_files_that_are_no_statement(cut: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        read(cut)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Оплата по счету №2401 от 05.03.2026, договор=К-17", [("contract", "К-17"), ("invoice", "2401")]),
        (
            "Расчет по договору N Н 394/536-10-16 от 05.05.2010",
            [("contract", "Н 394/536-10-16"), ("contract", "394/536-10-16")],
        ),
        ("Оплата по дог. 12/3-А от 01.02.2026 без НДС", [("contract", "12/3-А")]),
        ("По договору от 05.03.2026 за услуги", []),
        ("За счет средств бюджета, р/счет 40702810500000004211", []),
        ("Оплата по счету N2401", [("invoice", "2401"), ("invoice", "N2401")]),
        ("ОПЛАТА ПО СЧЁТУ S-205.", [("invoice", "S-205")]),
        ("НДФЛ за август 2021 г. Не облагается НДС", []),
    ],
)
def test_numbers_in_the_purpose(text: str, names: list[tuple[str, str]]) -> None:
    assert [(name.system, name.value) for name in names_in_purpose(text)] == names


def test_equal_lines_of_one_file_stay_two_and_the_same_in_every_export() -> None:
    parts = split(statement(incoming(), incoming(), incoming("119"), encoding="cp1251"))
    again = split(statement(incoming("119"), incoming(), incoming(), encoding="utf-8", ending="\n"))
    ids = [read(part)[0]["payment_id"] for part in parts]
    assert len(set(ids)) == 3
    assert set(ids) == {read(part)[0]["payment_id"] for part in again}


async def _upload(bus: BusAtWork, source: dict[str, Any], body: bytes, who: str = "head") -> Any:
    headers = {"Authorization": f"Bearer {who}", "Content-Type": "application/octet-stream"}
    answer = await bus.http.post(f"/v1/sources/{source['id']}/uploads?name=day.txt", content=body, headers=headers)
    await bus.settle()
    return answer


async def test_a_statement_uploaded_twice_and_exported_again_with_one_more_line(bus: BusAtWork) -> None:
    await know_lead(bus, ("contract", "C-17"), ("inn", THEIR_INN))
    source = await open_source(bus, "onec_bank", accounts=[OWN])
    day = statement(incoming(), incoming("119", "1000.00", purpose="Доплата"))
    first = (await _upload(bus, source, day)).json()
    assert (first["parts"], first["stored"], first["repeated"]) == (2, 2, 0)
    second = (await _upload(bus, source, day)).json()
    assert (second["stored"], second["repeated"], second["delivery_ids"]) == (0, 2, first["delivery_ids"])
    more = statement(incoming(), incoming("119", "1000.00", purpose="Доплата"), outgoing(), encoding="utf-8")
    third = (await _upload(bus, source, more)).json()
    assert (third["stored"], third["repeated"]) == (1, 2)

    paid = dict(await money_in(bus))
    assert sorted(paid.values()) == ["1000.00", "4500.00"]
    large = next(payment_id for payment_id, amount in paid.items() if amount == "4500.00")
    assert await money_out(bus) == [(large, "700.50")]
    assert {item["state"] for item in (await bus.read("/deliveries"))["items"]} == {"published"}


async def test_a_refund_in_an_earlier_file_waits_for_its_payment(bus: BusAtWork) -> None:
    await know_lead(bus, ("inn", THEIR_INN))
    source = await open_source(bus, "onec_bank", accounts=[OWN])
    await _upload(bus, source, statement(outgoing(), outgoing("46", "700.50")))
    assert len((await bus.read("/deliveries?state=parked&reason=unknown_payment"))["items"]) == 2
    await _upload(bus, source, statement(incoming()))
    await bus.settle()
    assert [amount for _, amount in await money_out(bus)] == ["700.50", "700.50"]


async def test_names_of_two_leads_are_matched_by_hand(bus: BusAtWork) -> None:
    lead_id = await know_lead(bus, ("contract", "C-17"))
    await know_lead(bus, ("inn", THEIR_INN))
    source = await open_source(bus, "onec_bank")
    delivery_id = (await _upload(bus, source, statement(incoming()))).json()["delivery_ids"][0]
    assert await bus.state(delivery_id) == ("parked", "ambiguous_lead")
    matched = await bus.call("POST", f"/deliveries/{delivery_id}/match", {"lead_id": str(lead_id)}, who="head")
    assert matched.json()["state"] == "published"
    assert len(await money_in(bus)) == 1


async def test_uploads_that_are_refused(bus: BusAtWork) -> None:
    bank, shop = await open_source(bus, "onec_bank"), await open_source(bus, "stripe")
    assert (await _upload(bus, bank, b"nothing")).status_code == 422
    assert (await _upload(bus, bank, statement(incoming(), incoming(amount="x")))).status_code == 422
    assert (await _upload(bus, shop, statement(incoming()))).json()["code"] == "source-takes-no-files"
    assert (await _upload(bus, bank, statement(incoming()), who="sdr")).status_code == 403
    assert (await bus.http.post("/v1/webhooks/onec_bank", content=statement(incoming()))).status_code == 401
    assert (await bus.read("/deliveries"))["items"] == []
