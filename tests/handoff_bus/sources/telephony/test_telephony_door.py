"""Calls through the door of the running bus: proof, one fact for each call, and nothing twice."""

import base64
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from conveyor.contracts.outside import CallRecorded
from tests.handoff_bus.bus_at_work import BusAtWork, signed_headers
from tests.handoff_bus.sources.telephony import (
    test_aircall,
    test_bitrix24_telephony,
    test_mango,
    test_twilio,
    test_uis,
    test_zadarma,
)
from tests.handoff_bus.sources.telephony.calls import FORM, form
from tests.handoff_bus.sources.telephony.cdr import CLIENT, TRANSFERRED, record, table

AHEAD = "http://bus.test/v1/webhooks/pbx"


async def open_source(bus: BusAtWork, kind: str, secret: str | None = None, **settings: Any) -> dict[str, Any]:
    """A source `pbx` of this kind."""
    given = settings if secret is None else {"secret": secret, **settings}
    return await bus.made("/sources", {"name": "pbx", "kind": kind, "settings": given})


async def push(bus: BusAtWork, body: bytes, path: str = "", media: str = FORM, **headers: str) -> httpx2.Response:
    """Deliver as the provider does, and settle."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await bus.http.post(f"/v1/webhooks/pbx{path}", content=body, headers={"content-type": media, **named})
    await bus.settle()
    return answer


async def upload(bus: BusAtWork, source: dict[str, Any], body: bytes, who: str = "integration") -> httpx2.Response:
    """Bring a file, and settle."""
    answer = await bus.http.post(
        f"/v1/sources/{source['id']}/uploads",
        content=body,
        headers={"Authorization": f"Bearer {who}", "content-type": "text/csv"},
    )
    await bus.settle()
    return answer


async def seconds_said(bus: BusAtWork) -> list[int]:
    """The talk of every call that was said."""
    return [call.duration_seconds for call in await bus.said(CallRecorded)]


async def test_mango_appends_its_paths_and_a_summary_sent_again_counts_once(bus: BusAtWork) -> None:
    await bus.hire("Petrova", extension="21")
    await open_source(bus, "mango", test_mango.SALT)
    body = test_mango.sent(test_mango.INCOMING, test_mango.SIGN).body
    assert [(await push(bus, body, "/events/summary")).status_code for _ in range(2)] == [202, 200]
    assert (await push(bus, body.replace(b"1772791297", b"1772799297"))).status_code == 401
    assert (await push(bus, test_mango.sent(test_mango.INCOMING, "0" * 64).body)).status_code == 401
    assert await seconds_said(bus) == [87]


async def test_uis_by_get_and_by_post(bus: BusAtWork) -> None:
    await bus.made(
        "/employees",
        {
            "full_name": "Orlov",
            "role": "sdr",
            "payroll_number": "7",
            "hired_on": "2025-01-09",
            "references": [{"system": "crm:pbx", "value": "51207"}],
        },
    )
    await open_source(bus, "uis", test_uis.TOKEN)
    query = urlencode({name: str(value) for name, value in test_uis.OUTGOING.items() if value is not None})
    path = f"/v1/webhooks/pbx?token={test_uis.TOKEN}&{query}"
    assert (await bus.http.get(path)).status_code == 202
    assert (await bus.http.get(path)).status_code == 200
    assert (await bus.http.get(path.replace(test_uis.TOKEN, "guessed"))).status_code == 401
    await bus.settle()
    assert await seconds_said(bus) == [64]
    (kept,) = (await bus.read("/deliveries"))["items"]
    assert test_uis.TOKEN not in str(await bus.delivery(kept["id"]))


async def test_zadarma_echoes_and_a_replay_with_another_length_changes_nothing(bus: BusAtWork) -> None:
    await bus.hire("Asanova", extension="103")
    await open_source(bus, "zadarma", test_zadarma.SECRET, zone="Asia/Bishkek")
    echo = await bus.http.get("/v1/webhooks/pbx?zd_echo=d4e5")
    assert (echo.status_code, echo.text) == (200, "d4e5")
    assert (await bus.http.get("/v1/webhooks/pbx")).status_code == 405
    signature = test_zadarma.SIGNATURES["NOTIFY_END"]
    assert (await push(bus, form(test_zadarma.INCOMING), signature=signature)).status_code == 202
    forged = form(test_zadarma.INCOMING | {"duration": "7000"})
    assert (await push(bus, forged, signature=signature)).status_code == 409
    recorded = test_zadarma.SIGNATURES["NOTIFY_RECORD"]
    assert (await push(bus, form(test_zadarma.RECORDED), signature=recorded)).status_code == 202
    assert await seconds_said(bus) == [71]


async def test_twilio_signs_the_address_it_was_given(bus: BusAtWork) -> None:
    await bus.hire("Schmidt", extension="31")
    await open_source(bus, "twilio", test_twilio.TOKEN)
    said, path = test_twilio.OUTGOING, "?extension=31"
    signature = test_twilio.signature(AHEAD + path, said)
    assert (await push(bus, form(said), path, x_twilio_signature=signature)).status_code == 202
    assert (await push(bus, form(said), path, x_twilio_signature=signature)).status_code == 200
    assert (await push(bus, form(said), "?extension=32", x_twilio_signature=signature)).status_code == 401
    assert await seconds_said(bus) == [90]


@pytest.mark.parametrize("kind", ["aircall", "bitrix24_telephony"])
async def test_tokens_prove_it_and_are_not_kept(bus: BusAtWork, kind: str) -> None:
    if kind == "aircall":
        token, body, media, seconds = test_aircall.TOKEN, test_aircall.sent().body, "application/json", 48
        name = {"system": "email", "value": "anna@acme.example"}
    else:
        token, body, media, seconds = test_bitrix24_telephony.TOKEN, test_bitrix24_telephony.sent().body, FORM, 42
        name = {"system": "crm:pbx", "value": "405"}
    person = {"full_name": "Anna", "role": "sdr", "payroll_number": "1", "hired_on": "2025-01-09"}
    await bus.made("/employees", {**person, "references": [name]})
    await open_source(bus, kind, token)
    assert (await push(bus, body.replace(token.encode(), token[::-1].encode()), media=media)).status_code == 401
    first = await push(bus, body, media=media)
    assert first.status_code == 202
    assert await seconds_said(bus) == [seconds]
    kept = await bus.delivery(first.json()["delivery_id"])
    assert token not in str(kept)
    assert token.encode() not in base64.b64decode(kept.get("body_base64") or "")


async def test_records_are_pushed_with_a_signature(bus: BusAtWork) -> None:
    await bus.hire("Petrova", extension="202")
    source = await open_source(bus, "asterisk")
    body = table(*TRANSFERRED)
    headers = signed_headers(source["secret"], webhook_id="cdr-1", at=bus.clock.now(), body=body)
    unsigned = {name.replace("-", "_"): value for name, value in headers.items() if name != "content-type"}
    assert (await push(bus, body, media="text/csv", **unsigned)).status_code == 202
    assert (await push(bus, body + b"x", media="text/csv", **unsigned)).status_code == 401
    assert await seconds_said(bus) == [37]


async def test_a_file_uploaded_again_with_one_more_line_adds_one_call(bus: BusAtWork) -> None:
    for name, extension in (("Petrova", "202"), ("Orlov", "201")):
        await bus.hire(name, extension=extension)
    source = await open_source(bus, "asterisk")
    first = await upload(bus, source, table(*TRANSFERRED))
    again = await upload(bus, source, table(*TRANSFERRED))
    assert (first.status_code, first.json()["stored"]) == (201, 1)
    assert (again.json()["repeated"], again.json()["delivery_ids"]) == (1, first.json()["delivery_ids"])
    more = record("14:00:00", "14:00:10", "14:00:40", linkedid="pbx1-9.1", uniqueid="pbx1-9.1")
    assert (await upload(bus, source, table(*TRANSFERRED, more))).status_code == 201
    assert await seconds_said(bus) == [37, 30]
    # The same call pushed, too, is the same call.
    body = table(more)
    headers = signed_headers(source["secret"], webhook_id="cdr-2", at=bus.clock.now(), body=body)
    await push(
        bus,
        body,
        media="text/csv",
        **{name.replace("-", "_"): value for name, value in headers.items() if name != "content-type"},
    )
    assert await seconds_said(bus) == [37, 30]


async def test_a_stranger_in_a_file_holds_up_nobody_else(bus: BusAtWork) -> None:
    await bus.hire("Petrova", extension="202")
    source = await open_source(bus, "asterisk")
    strange = record("14:00:00", "14:00:10", "14:00:40", linkedid="pbx1-9.1", dstchannel="PJSIP/209-0000000b")
    answer = await upload(bus, source, table(*TRANSFERRED, strange))
    assert await seconds_said(bus) == [37]
    assert await bus.state(answer.json()["delivery_ids"][0]) == ("parked", "unknown_employee")
    await bus.hire("Latecomer", extension="209")
    await bus.settle()
    assert await seconds_said(bus) == [37, 30]


async def test_who_may_upload_and_what(bus: BusAtWork) -> None:
    source = await open_source(bus, "asterisk")
    assert (await upload(bus, source, table(*TRANSFERRED), who="sdr")).status_code == 403
    broken = await upload(bus, source, table(*TRANSFERRED, record("13:00:00", None, "12:00:00", linkedid="z")))
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (422, "/1/records/4/duration")
    assert (await upload(bus, source, b"x" * (16 * 1024 * 1024 + 1))).status_code == 413
    big = await upload(
        bus, source, table(*[record("13:00:00", None, "13:00:05", linkedid=f"c.{n}") for n in range(2000)])
    )
    assert big.status_code == 201, big.text
    bank = await bus.open_source("bank")
    assert (await upload(bus, bank, b"{}")).json()["code"] == "source-takes-no-files"


async def test_an_unknown_client_still_counts_for_the_employee(bus: BusAtWork) -> None:
    employee = await bus.hire("Petrova", extension="202")
    source = await open_source(bus, "asterisk")
    await upload(bus, source, table(*TRANSFERRED))
    (said,) = await bus.said(CallRecorded)
    assert (str(said.employee_id), said.lead_id) == (employee["id"], None)
    assert CLIENT not in said.model_dump_json()
