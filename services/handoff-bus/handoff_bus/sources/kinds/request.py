"""A delivery at the door, as every kind of source gets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What came over the wire. Header names are lower case, `query` is raw and without the question mark.

    `source` is the source's name and `at` the moment of arrival. `received_url` is the address as the sender knows it,
    there only for kinds with `reads_url`; `sender` is the network address it came from, there only at the door.
    A delivery read again from the database has its secrets redacted, and neither `received_url` nor `sender`.
    """

    headers: Mapping[str, str]
    body: bytes
    at: datetime
    method: str = "POST"
    query: str = ""
    source: str = ""
    received_url: str | None = None
    sender: str | None = None

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
