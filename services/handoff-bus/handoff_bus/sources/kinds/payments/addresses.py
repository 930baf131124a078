"""Addresses of providers' APIs in settings: https, or loopback for a stand-in of the API."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _is_api(url: str) -> str:
    parts = urlsplit(url)
    plain_loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain_loopback):
        msg = "must begin with https://"
        raise ValueError(msg)
    if parts.username or parts.password or parts.query or parts.fragment:
        msg = "must be an address without credentials, query and fragment"
        raise ValueError(msg)
    return url.rstrip("/")


ApiUrl = Annotated[str, StringConstraints(max_length=300, pattern=r"^[\x21-\x7e]+$"), AfterValidator(_is_api)]
"""Where the calls of a source's fetch plans go."""
