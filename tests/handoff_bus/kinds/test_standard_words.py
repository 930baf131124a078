"""Words that kind `standard` takes in more than one spelling."""

import pytest

from handoff_bus.sources.kinds.standard.schema import CallFinished

CALL = {
    "call_id": "c-1",
    "started_at": "2025-09-08T11:00:00+03:00",
    "duration_seconds": 61,
    "employee": {"system": "extension", "value": "101"},
    "lead": {"system": "phone", "value": "+7 495 000-00-01"},
}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("in", "in"),
        ("inbound", "in"),
        ("incoming", "in"),
        ("out", "out"),
        ("outbound", "out"),
        ("outgoing", "out"),
        ("internal", "internal"),
    ],
)
def test_a_direction_is_kept_in_its_short_word(said: str, kept: str) -> None:
    assert CallFinished.model_validate({**CALL, "direction": said}).direction == kept


@pytest.mark.parametrize("said", ["sideways", "", None, 1, ["in"]])
def test_other_directions_are_refused(said: object) -> None:
    with pytest.raises(ValueError, match="direction"):
        CallFinished.model_validate({**CALL, "direction": said})
