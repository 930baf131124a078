"""docs/security.md: each case stands in one table, and each test that it names exists."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "security.md"
CASES = range(1, 105)
_ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`")


def untrue(page: str) -> Iterator[str]:
    """What the page does not say, says twice, or says of a test that is not there."""
    counted = Counter(int(row[1]) for row in _ROW.finditer(page))
    yield from (f"case {case} has {counted[case]} rows" for case in CASES if counted[case] != 1)
    held = page.partition("## Held")[2].partition("\n## ")[0]
    yield from (f"case {row[1]} names no test" for row in _ROW.finditer(held) if not _TEST.search(row[2]))
    for path, name in _TEST.findall(page):
        file = CHECKOUT / path
        if not file.exists() or not re.search(rf"def {name}\(", file.read_text(encoding="utf-8")):
            yield f"there is no {path}::{name}"


def test_every_case_is_held_or_explained() -> None:
    found = list(untrue(PAGE.read_text(encoding="utf-8")))

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("row", "offence"),
    [
        ("| 1 | once more |", "case 1 has 2 rows"),
        (
            "| 105 | `tests/security/test_access.py::test_nothing` |",
            "there is no tests/security/test_access.py::test_nothing",
        ),
        ("| 105 | `tests/security/test_gone.py::test_it` |", "there is no tests/security/test_gone.py::test_it"),
    ],
)
def test_the_guard_finds_a_page_that_is_not_true(row: str, offence: str) -> None:
    assert list(untrue(f"{PAGE.read_text(encoding='utf-8')}\n{row}\n")) == [offence]


def test_the_guard_finds_a_case_that_nothing_holds() -> None:
    page = PAGE.read_text(encoding="utf-8").replace("## Held\n", "## Held\n\n| 105 | somebody looks |\n")

    assert list(untrue(page)) == ["case 105 names no test"]
