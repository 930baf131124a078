"""The contracts: generated files are fresh, every version has a sample that is read for ever, owners own subjects."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conveyor.contracts import generate
from conveyor.contracts.envelope import Envelope
from conveyor.contracts.registry import FACT_KINDS, KIND_OF_TYPE, SERVICES, FactKind, UnknownFact, read_fact

by_code = pytest.mark.parametrize("kind", FACT_KINDS, ids=lambda kind: kind.code)


def _sample(kind: FactKind) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((generate.SAMPLES / f"{kind.code}.json").read_text())
    return document


def test_generated_files_are_fresh() -> None:
    assert generate.stale() == []


def test_a_stale_generated_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(generate, "CATALOGUE", tmp_path / "README.md")

    assert generate.stale() == [tmp_path / "README.md"]


@by_code
def test_the_sample_is_read_by_todays_code_without_losing_a_field(kind: FactKind) -> None:
    sample = _sample(kind)
    envelope = Envelope.model_validate(sample)

    fact = read_fact(envelope)

    assert type(fact) is kind.model
    assert json.loads(fact.model_dump_json(exclude_unset=True)) == sample["data"]
    assert envelope.subject == kind.key_of(fact)


@by_code
def test_the_sample_fits_the_committed_schema(kind: FactKind) -> None:
    schema = json.loads((generate.SCHEMAS / f"{kind.code}.json").read_text())

    jsonschema.validate(_sample(kind)["data"], schema)


@by_code
def test_every_field_of_the_model_is_in_the_sample(kind: FactKind) -> None:
    assert set(kind.model.model_fields) == set(_sample(kind)["data"])


@by_code
def test_a_fact_with_fields_of_tomorrow_is_still_read(kind: FactKind) -> None:
    sample = _sample(kind)
    sample["data"]["field_of_tomorrow"] = {"any": "shape"}

    assert read_fact(Envelope.model_validate(sample)) == read_fact(Envelope.model_validate(_sample(kind)))


def test_no_two_kinds_share_a_type_and_every_owner_is_a_service() -> None:
    assert len(KIND_OF_TYPE) == sum(len(kind.owners) for kind in FACT_KINDS)
    assert {owner for kind in FACT_KINDS for owner in kind.owners} == set(SERVICES)


def test_a_service_may_not_say_what_it_does_not_own() -> None:
    payment = next(kind for kind in FACT_KINDS if kind.name == "payment_received")

    with pytest.raises(ValueError, match="closing may not say payment_received"):
        payment.type_for("closing")


def test_an_unknown_type_is_refused() -> None:
    sample = _sample(FACT_KINDS[0]) | {"type": "conveyor.closing.gossip_heard.v1"}

    with pytest.raises(UnknownFact):
        read_fact(Envelope.model_validate(sample))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda schema: schema["properties"].pop("amount"), "field amount was removed"),
        (lambda schema: schema["required"].append("vat"), "field vat became required"),
        (lambda schema: schema["properties"].update(source={"type": "integer"}), "field source changed its shape"),
        (lambda schema: schema["$defs"]["Reference"]["properties"].pop("value"), "Reference: field value was removed"),
    ],
)
def test_a_breaking_change_of_a_released_schema_is_named(change: Any, named: str) -> None:
    kind = next(kind for kind in FACT_KINDS if kind.name == "payment_received")
    changed = json.loads(json.dumps(generate.schema_of(kind)))
    change(changed)

    assert named in generate.breaking_changes(generate.schema_of(kind), changed)


def test_an_optional_addition_is_no_breaking_change() -> None:
    kind = next(kind for kind in FACT_KINDS if kind.name == "payment_received")
    changed = json.loads(json.dumps(generate.schema_of(kind)))
    changed["properties"]["purpose"] = {"type": "string"}

    assert generate.breaking_changes(generate.schema_of(kind), changed) == []
