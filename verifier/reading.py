"""Reading one service's books over its public API, with the standard library alone."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from verifier.findings import Books, Json

Ask = Callable[[str, dict[str, str]], Json]
"""(path under /v1, query) → the answer."""

_SECONDS_MAX = 60
_AT_ONCE = "1000"


class NotAnswered(Exception):
    """The service did not answer with JSON; the message says what it did."""


def asking(base_url: str, token: str) -> Ask:
    """Ask a service as the bearer of a token."""

    def ask(path: str, query: dict[str, str]) -> Json:
        address = f"{base_url.rstrip('/')}/v1{path}?{urllib.parse.urlencode(query)}"
        if not address.startswith(("http://", "https://")):
            msg = f"no address of a service: {base_url}"
            raise NotAnswered(msg)
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - http only, see above
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS_MAX) as answer:  # noqa: S310 - http only, see above
                body: Any = json.load(answer)
        except (OSError, ValueError) as failed:
            msg = f"{address}: {failed}"
            raise NotAnswered(msg) from failed
        if not isinstance(body, dict):
            msg = f"{address} answered no object"
            raise NotAnswered(msg)
        return body

    return ask


def read_books(ask: Ask, *, service: str, period: str | None) -> Books:
    """The whole journal with its reasons, and the month's statements when one is named."""
    books = Books(service=service, period=period or "")
    after = -1
    following = 0
    while following != after:
        after = following
        page = ask("/bonus-entries/explanations", {"after": str(after), "limit": _AT_ONCE})
        books.entries.extend(page["items"])
        books.watermark, books.chain_head, following = page["watermark"], page["chain_head"], page["next_after"]
    cursor: str | None = ""
    while period is not None and cursor is not None:
        page = ask("/bonus-statements", {"period": period, "limit": "200"} | ({"cursor": cursor} if cursor else {}))
        books.statements.extend(item for item in page["items"] if item.get("state", "closed") == "closed")
        cursor = page["next_cursor"]
    return books
