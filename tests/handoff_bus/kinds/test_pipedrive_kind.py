"""Pipedrive webhooks, version 2."""

import base64
import json
from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.pipedrive.kind import PIPEDRIVE
from tests.handoff_bus.kinds.deliveries_of_kinds import facts, is_proven, raw, read, sample, silence

SECRET = "conveyor:0123456789abcdef"


@pytest.mark.parametrize("name", ["pipedrive_deal_change.json", "pipedrive_deal_won.json"])
def test_samples_without_words_in_the_bus(name: str) -> None:
    """A won deal is no payment; `previous` may be null and holds only what changed."""
    reading = read(PIPEDRIVE, sample(name))
    assert (silence(reading), reading.topic) == ("nothing_to_say", "deal.change")


def _born(entity: str = "lead", data: dict[str, Any] | None = None, **meta: Any) -> str:
    told = {"action": "create", "entity": entity, "entity_id": "e7", "id": "d-1", "webhook_id": 9, "attempt": 1, **meta}
    about = {"id": 5, "title": "Стенд", "add_time": "2026-02-24T12:00:00Z", "custom_fields": {"a1": {"type": "enum"}}}
    return json.dumps({"meta": told, "data": about if data is None else data, "previous": None})


def test_a_new_lead_is_an_inbound_lead() -> None:
    reading = read(PIPEDRIVE, _born())
    assert reading.events[0].timestamp.isoformat() == "2026-02-24T12:00:00+00:00"
    (lead,) = facts(reading)
    assert (lead["lead"], lead["company"]) == ({"system": "crm:crm", "value": "e7"}, {"name": "Стенд"})


def test_a_new_deal_only_where_the_settings_say_so() -> None:
    assert silence(read(PIPEDRIVE, _born("deal"))) == "nothing_to_say"
    (lead,) = facts(read(PIPEDRIVE, _born("deal"), {"inbound": ["deal"]}))
    assert lead["lead"]["value"] == "deal:e7"


@pytest.mark.parametrize("at", [1771934400, "1771934400", "2026-02-24T12:00:00.000Z"])
def test_the_timestamp_is_unix_or_iso(at: Any) -> None:
    (event,) = read(PIPEDRIVE, _born(data={}, timestamp=at)).events
    assert event.timestamp.isoformat() == "2026-02-24T12:00:00+00:00"


def test_a_repeated_delivery_counts_its_attempts_and_is_the_same() -> None:
    one, two = (read(PIPEDRIVE, _born(attempt=attempt)) for attempt in (1, 4))
    assert (one.dedupe_key, one.content) == (two.dedupe_key, two.content)
    other = {read(PIPEDRIVE, _born(**more)).dedupe_key for more in ({"id": "d-2"}, {"id": 1}, {"webhook_id": 8})}
    assert len(other | {one.dedupe_key}) == 4


def test_another_company_is_refused() -> None:
    with pytest.raises(UnreadableDelivery):
        read(PIPEDRIVE, _born(company_id=5), {"company_id": 6})


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"meta": {"entity": "lead"}}', '{"meta": 1, "meta": 2}'])
def test_what_pipedrive_does_not_send(body: str) -> None:
    with pytest.raises(UnreadableDelivery):
        read(PIPEDRIVE, body)


def test_basic_authentication_is_the_proof() -> None:
    def sent(text: str, scheme: str = "Basic") -> bool:
        header = f"{scheme} {base64.b64encode(text.encode()).decode()}"
        return is_proven(PIPEDRIVE, raw(_born(), headers={"authorization": header}), SECRET)

    assert sent(SECRET)
    assert sent(SECRET, "basic")
    for text in (SECRET[:-1], "conveyor:", "", SECRET + "0"):
        assert not sent(text)
    assert not sent(SECRET, "Bearer")
    for header in ("", "Basic", "Basic ***", "Basic /w=="):
        assert not is_proven(PIPEDRIVE, raw(_born(), headers={"authorization": header}), SECRET)
