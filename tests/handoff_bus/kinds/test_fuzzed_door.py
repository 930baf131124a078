"""Whatever comes to the door and is believed: it answers below 500, stores what it took, and settles it.

CI sends 25 deliveries of each kind, `make fuzz` 1,000: the whole way costs a hundred times what reading costs.
"""

import os
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from bench.senders.every_kind import SENDERS
from handoff_bus.sources.kinds.registry import KINDS
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.kinds.noise import Noise
from tests.handoff_bus.kinds.test_fuzzed_kinds import SETTINGS

LONG = int(os.environ.get("CONVEYOR_FUZZED_DELIVERIES", "100000")) // 100


def _believe(_: Any, __: Any, ___: Any) -> None:
    """Stands for a sender who knows the secret and sends nonsense."""


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


async def _send(bus: BusAtWork, kind: str, *, seed: int, deliveries: int) -> Counter[int]:
    settings = {key: value for key, value in SETTINGS.get(kind, {}).items() if key not in {"api_url", "shop_id"}}
    settings.pop("api_token", None)
    source = {"secret": SENDERS[kind].secrets[0], **SENDERS[kind].settings, **settings}
    await bus.made("/sources", {"name": kind, "kind": kind, "settings": source})
    noise, answers = Noise(kind, seed), Counter[int]()
    for _ in range(deliveries):
        raw = noise.request()
        headers = {name: value for name, value in raw.headers.items() if _plain(value)}
        query = quote(raw.query.encode("utf-8", "replace"), safe="=&%")
        path = f"/v1/webhooks/{kind}" + (f"?{query}" if query else "")
        method = raw.method if raw.method in KINDS[kind].methods else "POST"
        answer = await bus.http.request(method, path, content=raw.body, headers=headers)
        answers[answer.status_code] += 1
    await bus.settle()
    return answers


async def _survives(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch, *, deliveries: int) -> None:
    for seed, kind in enumerate(sorted(SENDERS)):
        monkeypatch.setitem(KINDS, kind, replace(KINDS[kind], verify=_believe))
        answers = await _send(bus, kind, seed=seed, deliveries=deliveries)
        assert max(answers) < 500, (kind, answers)
    for state in ("received", "quarantined"):
        assert (await bus.read(f"/deliveries?state={state}&reason=failed"))["items"] == []


@pytest.mark.timeout(240)
async def test_believed_nonsense_is_answered_stored_and_settled(
    bus: BusAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _survives(bus, monkeypatch, deliveries=25)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_much_believed_nonsense(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    await _survives(bus, monkeypatch, deliveries=LONG)
