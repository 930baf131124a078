"""The canonical form under the hash."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.bonuses.ledger.chain import HASHED_FIELDS, canonical_json, hash_of
from tests.bonuses.department import id_of

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"))
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
)


@given(values)
def test_it_is_json_with_sorted_keys_and_no_spaces(value: object) -> None:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert json.loads(canonical_json(value)) == value
    assert canonical_json(json.loads(plain)) == canonical_json(value)


def test_one_spelling_of_an_instant() -> None:
    moscow = datetime(2025, 9, 22, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    assert canonical_json([moscow]) == canonical_json([moscow.astimezone(UTC)]) == b'["2025-09-22T09:00:00+00:00"]'


def test_ids_and_days_are_text() -> None:
    assert canonical_json([id_of("x"), date(2025, 9, 22)]) == f'["{id_of("x")}","2025-09-22"]'.encode()


@pytest.mark.parametrize("field", HASHED_FIELDS)
def test_every_field_is_in_the_hash(field: str) -> None:
    entry = dict.fromkeys(HASHED_FIELDS, "same")
    assert hash_of(entry) != hash_of({**entry, field: "other"})


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json({1, 2})
