"""Facts that go out a few at a time: never two of one key at once, each key in its order."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from conveyor.kit.ids import new_id
from conveyor.kit.messaging.publishing import FEW_ROWS, PendingRow, few_of_different_keys


@given(st.lists(st.sampled_from("abcdefghij")))
def test_each_key_goes_out_in_its_order_and_never_twice_at_once(keys: list[str]) -> None:
    rows = [PendingRow(place, new_id(), f"conveyor.test.{key}", key, b"{}") for place, key in enumerate(keys)]
    went: dict[str, list[int]] = defaultdict(list)

    waiting = rows
    while waiting:
        few, waiting = few_of_different_keys(waiting)
        assert 0 < len(few) == len({row.key for row in few}) <= FEW_ROWS
        for row in few:
            went[row.key].append(row.id)

    assert went == {key: [row.id for row in rows if row.key == key] for key in set(keys)}
