"""JSON that means one thing: duplicate keys, NaN, NUL, lone surrogates, foreign encodings and great depth are refused.

Python's and pydantic's readers let the last duplicate win, so that what was signed, logged and done may differ.
The common body is read once by the C scanner; the tree is walked only when its bytes show that there may be a reason.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from conveyor.kit.refusals import FieldError

DEPTH_MAX = 64


class JsonRefused(ValueError):
    """Not acceptable as JSON; `errors` point at where. The message never holds the input."""

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{error.pointer} {error.message}" for error in errors))


class _DuplicateKey(Exception):
    pass


def read_json(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The value of a JSON text in UTF-8. Raises JsonRefused."""
    try:
        value = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise JsonRefused(FieldError("", "is not UTF-8")) from None
    except _DuplicateKey:
        raise JsonRefused(FieldError("", "an object names the same field twice")) from None
    except RecursionError:
        raise JsonRefused(FieldError("", f"is nested deeper than {DEPTH_MAX}")) from None
    except ValueError:
        raise JsonRefused(FieldError("", "is not JSON")) from None
    if content.count(b"{") + content.count(b"[") > DEPTH_MAX and _is_deeper_than(value, DEPTH_MAX):
        raise JsonRefused(FieldError("", f"is nested deeper than {DEPTH_MAX}"))
    if b"\\u" in content:
        errors = [*_bad_texts(value, "")]
        if errors:
            raise JsonRefused(*errors[:20])
    return value


def text_error(text: str) -> str | None:
    """Why a text cannot be stored, or None: PostgreSQL takes neither NUL nor lone surrogates."""
    if "\x00" in text:
        return "must not contain a NUL character"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "must not contain half of a surrogate pair"
    return None


def pointer_token(name: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKey
    return found


def _refuse_constant(_: str) -> NoReturn:
    msg = "NaN and Infinity are no JSON"
    raise ValueError(msg)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        msg = "a number beyond all bounds"
        raise ValueError(msg)
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite)


def _is_deeper_than(value: Any, depth: int) -> bool:  # noqa: ANN401 - any JSON
    level = [value]
    for _ in range(depth):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _bad_texts(value: Any, pointer: str) -> Iterator[FieldError]:  # noqa: ANN401 - any JSON
    """Recursion is bounded by DEPTH_MAX. A bad key is reported at its object, for its pointer could not be sent."""
    if isinstance(value, str):
        message = text_error(value)
        if message is not None:
            yield FieldError(pointer, message)
    elif isinstance(value, dict):
        for name, child in value.items():
            if text_error(name) is None:
                yield from _bad_texts(child, pointer + pointer_token(name))
            else:
                yield FieldError(pointer, "holds a field whose name cannot be stored")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _bad_texts(child, f"{pointer}/{index}")
