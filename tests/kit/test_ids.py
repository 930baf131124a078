"""Ids know when they were made: a stretch of time is a range of ids."""

from datetime import UTC, datetime, timedelta

import pytest

from conveyor.kit.ids import first_id_at, new_id


def test_an_id_lies_in_the_stretch_in_which_it_was_made() -> None:
    before = datetime.now(UTC).replace(microsecond=0)

    made = new_id()

    assert first_id_at(before) < made < first_id_at(before + timedelta(minutes=1))


@pytest.mark.parametrize("year", [1900, 1970, 2999, 9000])
def test_every_moment_that_a_caller_may_name_has_a_first_id(year: int) -> None:
    moment = datetime(year, 1, 1, tzinfo=UTC)

    assert first_id_at(moment) <= first_id_at(moment + timedelta(milliseconds=1))
