"""What pydantic says of a wrong field, without the input: a few of its messages quote it."""

from collections.abc import Mapping
from typing import Any

_QUIET: Mapping[str, str] = {
    "uuid_parsing": "Input should be a valid UUID",
    "datetime_from_date_parsing": "Input should be a valid RFC 3339 time",
    "datetime_parsing": "Input should be a valid RFC 3339 time",
    "date_parsing": "Input should be a valid date",
    "date_from_datetime_parsing": "Input should be a valid date",
    "extra_forbidden": "This field is not known here",
    "missing": "This field is required",
    "union_tag_invalid": "Input should be of a kind that is known here",
}


def quiet_message(found: Mapping[str, Any]) -> str:
    """The message of one of a ValidationError's `errors()`."""
    # The messages of its own constraints never quote, and ours are ours.
    return _QUIET.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")
