"""The tools of `make security`: bandit's findings are those that stand explained, and pip-audit's answer is read."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from conveyor_local.known_vulnerabilities import read
from tests.security.access_table import CHECKOUT
from tests.security.report import LONG, Tried, summary_of, tried_in, with_results

TREES = ("services", "shared", "deploy", "verifier", "bench")
# An import alone does nothing; how the module is used has rules of its own.
IMPORTS = "B404,B405"
ELSEWHERE = {
    "B603": "deploy/local/",  # starting programs with fixed arguments is what it is for, see pyproject.toml
    "B105": "deploy/local/conveyor_local/api_document.py",  # the name of an issuer, for a document that asks nobody
}
HUSH = "noqa"  # written apart, so that this file switches nothing off
_EXPLAINED = re.compile(rf"# {HUSH}: (?P<codes>[A-Z0-9, ]+) - \S")


def unexplained(finding: dict[str, Any], lines: list[str]) -> bool:
    """Whether none of its lines has the exception with a reason that ruff, which has the same rules, asks for."""
    if finding.get("filename", "").startswith(ELSEWHERE.get(finding["test_id"], "nowhere")):
        return False
    code = finding["test_id"].replace("B", "S", 1)
    around = lines[min(finding["line_range"]) - 1 : max(finding["line_range"])]
    return not any((match := _EXPLAINED.search(line)) and code in match["codes"] for line in around)


@pytest.mark.long
def test_bandit_finds_nothing_but_what_stands_explained() -> None:
    found = list(findings())

    assert [f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}" for one in found] == []


def findings() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "bandit", "-q", "-r", *TREES, "-s", IMPORTS, "-f", "json", "--exit-zero"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=170, check=True)
    told = json.loads(done.stdout)
    assert told["metrics"]["_totals"]["loc"] > 40_000
    for finding in told["results"]:
        lines = (CHECKOUT / finding["filename"]).read_text(encoding="utf-8").splitlines()
        if unexplained(finding, lines):
            yield finding


@pytest.mark.parametrize(
    ("line", "is_bad"),
    [
        ("urlopen(url)", True),
        (f"urlopen(url)  # {HUSH}: S310", True),
        (f"urlopen(url)  # {HUSH}: S608 - a fixed name", True),
        (f"urlopen(url)  # {HUSH}: S310 - the operator's own address", False),
    ],
)
def test_an_exception_needs_its_rule_and_a_reason(line: str, *, is_bad: bool) -> None:
    assert unexplained({"test_id": "B310", "line_range": [1]}, [line]) is is_bad


@pytest.mark.parametrize(
    ("told", "trouble", "words", "is_vulnerable"),
    [
        ("", "Traceback\nConnectionError: no way to the advisories", "no way to the advisories", False),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', "", "knows any of 1", False),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', "", "0, in 1 of 1", False),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]}',
            "",
            "a 1: CVE-1, mended in 2",
            True,
        ),
    ],
)
def test_not_asked_is_told_from_nothing_found(told: str, trouble: str, words: str, *, is_vulnerable: bool) -> None:
    verdict = read(told, trouble)

    assert words in verdict.text
    assert verdict.is_vulnerable is is_vulnerable


def test_a_run_fills_in_its_own_rows_and_leaves_the_others() -> None:
    page = "a\n<!-- files -->\n<!-- end of files -->\nb\n<!-- fuzz -->\n<!-- end of fuzz -->\nc\n"
    first = Tried("tests/security/test_floods.py", "test_x", held=True, seconds=2)
    fuzzed = [
        Tried("f.py", f"{LONG}[handoff-bus-{role}]", held=True, seconds=30, requests="9") for role in ("am", "ae")
    ]
    page = with_results(page, [first, *fuzzed])

    page = with_results(page, [replace(fuzzed[0], held=False, requests="7")])

    assert "| `tests/security/test_floods.py` | Whoever knocks" in page
    assert "| held (1 tests, 2 s) |\n" in page
    assert "| handoff-bus | ae | 9 | held |\n| handoff-bus | am | 7 | NOT HELD |\n<!-- end of fuzz -->\nc\n" in page
    assert with_results(page, []) == page


def test_what_does_not_hold_is_named() -> None:
    told = summary_of([Tried("a.py", "test_x", held=False, seconds=1), Tried("a.py", "test_y", held=True, seconds=1)])

    assert told.startswith("1 of 2 tests hold")
    assert "NOT HELD: a.py::test_x" in told


def test_a_run_that_was_broken_off_is_told_as_far_as_it_went() -> None:
    results = (
        '<testsuites><testsuite><testcase classname="tests.security.test_floods" name="test_x" time="1"/>'
        '<testcase classname="" name="tests.security.test_gone" time="0"><error/></testcase></testsuite></testsuites>'
    )
    page = with_results(
        "<!-- files -->\n<!-- end of files -->\n<!-- fuzz -->\n<!-- end of fuzz -->\n", [*tried_in(results)]
    )

    assert "| `tests/security/test_floods.py` |" in page
    assert "| `tests/security/test_gone.py` |  | NOT HELD: tests.security.test_gone" in page
