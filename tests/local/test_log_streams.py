"""The logs of several children in one stream, line by line."""

import io
import os

import pytest

from conveyor_local.logs import LogStreams


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _copied(written: dict[str, list[bytes]], out: io.StringIO) -> str:
    logs = LogStreams(out)
    for name, chunks in written.items():
        read, write = os.pipe()
        logs.follow(name, os.fdopen(read, "rb", buffering=0))
        for chunk in chunks:
            os.write(write, chunk)
        os.close(write)
    logs.close()
    return out.getvalue()


def test_each_line_bears_the_name_of_its_service() -> None:
    text = _copied({"closing": [b"one\ntwo\n"], "account": [b"three\n"]}, io.StringIO())

    assert sorted(text.splitlines()) == ["      account | three", "      closing | one", "      closing | two"]


def test_a_line_in_pieces_stays_one_line_and_the_last_needs_no_end() -> None:
    text = _copied({"closing": [b"be", b"gun and ", b"ended\nlast"]}, io.StringIO())

    assert text.splitlines() == ["      closing | begun and ended", "      closing | last"]


def test_broken_text_is_shown_and_not_fatal() -> None:
    assert "\ufffd" in _copied({"closing": [b"\xff\xfe\n"]}, io.StringIO())


def test_a_terminal_gets_colours_unless_it_asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in _copied({"closing": [b"one\n"]}, Terminal())

    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in _copied({"closing": [b"one\n"]}, Terminal())
