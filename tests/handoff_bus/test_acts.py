"""The papers of an erasure: what the law asks for is in the record as it was on that day, or nothing is erased."""

import asyncio
import logging
from typing import Any

import pytest
from pydantic import SecretStr

from conveyor.contracts.erasure import ErasedRows, ErasureCarriedOut
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.registry import SERVICES
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from conveyor.kit.settings import SettingsRefused
from handoff_bus.erasures.act import missing_of
from handoff_bus.erasures.purge_stream import StreamPurge
from handoff_bus.settings import BusSettings
from tests.handoff_bus.bus_at_work import BusAtWork, bus_at_work
from tests.servers import FreshDatabase

ERASER: dict[str, Any] = {"eraser_nats_password": SecretStr("c8e5f3")}
OPERATOR: dict[str, Any] = {"operator_name": "ООО «Линия»", "operator_address": "101000, Москва, ул. Ленина, 1"}
SIGNER: dict[str, Any] = {"responsible_name": "Петрова В. В.", "responsible_position": "начальник отдела кадров"}
CONTRACT = Reference(system="contract", value="C-17")


async def _order(bus: BusAtWork, **more: Any) -> Any:
    lead_id = new_id()
    await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=CONTRACT))
    body = {"kind": "lead", "subject_id": str(lead_id), "ground": "purpose_reached", "asked_by": "operator", **more}
    return await bus.call("POST", "/erasures", body)


@pytest.mark.parametrize("missing", [*OPERATOR, *SIGNER])
async def test_without_one_of_the_settings_nothing_is_erased(fresh_database: FreshDatabase, missing: str) -> None:
    given = {**OPERATOR, **SIGNER, missing: "  "}
    async with bus_at_work(fresh_database("handoff-bus").app, **ERASER, **given) as bus:
        refused = await _order(bus)

        assert (refused.status_code, refused.json()["code"]) == (409, "operator-not-configured")
        assert refused.json()["missing"] == [f"CONVEYOR_HANDOFF_BUS_{missing.upper()}"]
        assert (await bus.read("/erasures", who="auditor"))["items"] == []
        assert "lead_erased" not in {envelope.type.split(".")[0] for envelope in await bus.envelopes()}


async def test_the_record_keeps_who_the_operator_was_on_that_day(fresh_database: FreshDatabase) -> None:
    url = fresh_database("handoff-bus").app
    hoster = {"name": "ООО «Облако»", "address": "Казань"}
    settings = {**ERASER, **OPERATOR, **SIGNER, "processors": [hoster], "personal_data_system": "ИСПДн «Конвейер»"}
    async with bus_at_work(url, **settings) as bus:
        made = await _order(bus)
        assert made.status_code == 202, made.text

    async with bus_at_work(url, **{**settings, "operator_name": "ООО «Другая»", "processors": []}) as renamed:
        seen = await renamed.read(f"/erasures/{made.json()['id']}", who="auditor")

    assert seen["operator"] == {"name": OPERATOR["operator_name"], "address": OPERATOR["operator_address"]}
    assert seen["processors"] == [hoster]
    assert seen["responsible"] == {"full_name": SIGNER["responsible_name"], "position": SIGNER["responsible_position"]}
    assert seen["system"] == "ИСПДн «Конвейер»"
    assert "overwriting" in seen["method"]
    assert "tax number" in seen["categories"]


async def test_an_order_may_name_who_destroys(fresh_database: FreshDatabase) -> None:
    other = {"full_name": "Сидоров С. С.", "position": "администратор"}
    async with bus_at_work(fresh_database("handoff-bus").app, **ERASER, **OPERATOR) as bus:
        made = await _order(bus, responsible=other)

        assert made.json()["responsible"] == other
        for half in ({**other, "position": " "}, {"full_name": "Сидоров С. С."}):
            assert (await _order(bus, responsible=half)).status_code == 422


async def test_the_extract_lists_every_event_of_the_erasure(fresh_database: FreshDatabase) -> None:
    async with bus_at_work(fresh_database("handoff-bus").app, **ERASER, **OPERATOR, **SIGNER) as bus:
        record = (await _order(bus)).json()
        told = ErasureCarriedOut(erasure_id=record["id"], erased=(ErasedRows(what="leads", rows=2),))
        for service in SERVICES:
            await bus.hear(told, service=service)

        extract = await bus.read(f"/erasures/{record['id']}/log-extract", who="auditor")
        unknown = await bus.call("GET", f"/erasures/{new_id()}/log-extract")

    assert [(line["event"], line["what"], line["rows"]) for line in extract["lines"]] == [
        *[("erased", "leads", 2)] * len(SERVICES),
        ("ordered", "lead", 1),
    ]
    assert {line["service"] for line in extract["lines"]} == set(SERVICES)
    for same in ("subject_id", "categories", "system", "ground"):
        assert extract[same] == record[same]
    assert extract["destroyed_at"] is None
    assert unknown.status_code == 404


def _settings(**of: Any) -> BusSettings:
    needed: dict[str, Any] = {
        "database_url": "postgresql://somebody@127.0.0.1:1/bus",
        "nats_url": "nats://127.0.0.1:1",
        "nats_password": "b7d4e2",
        "jwks_url": "file:///nowhere",
        "token_issuer": "test",
    }
    return BusSettings(**needed, **of)


def test_processors_come_as_json_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_PROCESSORS", '[{"name": "ООО «Облако»", "address": "Казань"}]')
    assert [each.name for each in _settings().processors] == ["ООО «Облако»"]

    monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_PROCESSORS", "")
    assert _settings().processors == ()

    for bad in ("ООО «Облако»", '[{"name": "ООО «Облако»"}]'):
        monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_PROCESSORS", bad)
        with pytest.raises(SettingsRefused, match="CONVEYOR_HANDOFF_BUS_PROCESSORS"):
            _settings()


async def test_what_is_missing_is_named_in_the_log_at_start(caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()
    stop.set()
    idle: Any = None
    missing = missing_of(_settings(**OPERATOR))

    with caplog.at_level(logging.WARNING):
        await StreamPurge(idle, nats_url="nats://127.0.0.1:1", password=lambda: "", missing=missing).run(stop)

    assert missing == ["CONVEYOR_HANDOFF_BUS_RESPONSIBLE_NAME", "CONVEYOR_HANDOFF_BUS_RESPONSIBLE_POSITION"]
    assert all(name in caplog.text for name in missing)
