"""Writes docs/guarantees.md: what each fault was answered with when it was last provoked.

The file has two tables between marks; a run fills in its own rows and leaves the others as they are.
"""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conveyor_local.places import CHECKOUT
from faults.catalogue import NOT_PROVOKED, SCENARIOS, Scenario
from faults.mutants import found_by
from faults.run import Report

DOCUMENT = CHECKOUT / "docs" / "guarantees.md"
SCENARIO_SECONDS_MAX = 3600
NOT_RUN = "NOT RUN"
FINDING_CHARS_MAX = 160
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_SCENARIO_HEAD = "| fault | guarantee | how it is provoked | outcome |\n|---|---|---|---|\n"
_MUTANT_HEAD = "| mistake | run | found by | for instance |\n|---|---|---|---|\n"
_RUN_HEAD = "| form | seed | deliveries | troubles | outcome |\n|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Tried:
    """One test: its name as `tests.kit.test_x.TestY.test_z[case]`, and whether it passed."""

    name: str
    held: bool
    seconds: float


def chosen(phrases: str) -> list[Scenario]:
    """The scenarios whose names contain one of the phrases, divided by commas. Raises ValueError for a vain phrase."""
    found: list[Scenario] = []
    for phrase in (each.strip() for each in phrases.split(",")):
        named = [each for each in SCENARIOS if phrase in each.name]
        if not named:
            msg = f"no scenario is called {phrase!r}"
            raise ValueError(msg)
        found += [each for each in named if each not in found]
    return found


def try_scenarios(scenarios: Sequence[Scenario]) -> list[Tried]:
    """Run the tests of these scenarios that this machine can provoke, one process, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        tests = sorted({test for scenario in scenarios if not scenario.hindrance() for test in scenario.tests})
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={results}", *tests]
        subprocess.run(command, cwd=CHECKOUT, check=False, timeout=SCENARIO_SECONDS_MAX)  # noqa: S603 - our own tests
        return list(_tried(results.read_text()))


def with_scenarios(document: str, scenarios: Sequence[Scenario], tried: Sequence[Tried]) -> str:
    """The document with the outcomes of these scenarios; what was not tried keeps the outcome that it had."""
    before = outcomes(document)
    rows = []
    for each in SCENARIOS:
        outcome = outcome_of(each, tried) if each in scenarios else before.get(each.name) or NOT_RUN
        rows.append(f"| {each.name} | {each.guarantee} | {each.provoked} | {outcome} |\n")
    rows += [f"| {name} | | not provoked: {reason} | |\n" for name, reason in NOT_PROVOKED.items()]
    return _between(document, "scenarios", _SCENARIO_HEAD + "".join(rows))


def with_run(document: str, report: Report) -> str:
    """The document with the row of this run, instead of an older one of the same form and seed."""
    start = f"| {report.form} | {report.seed} |"
    rows = [row for row in _inside(document, "runs").splitlines(keepends=True)[2:] if not row.startswith(start)]
    troubles = ", ".join(f"{name} {times}" for name, times in report.happened.most_common())
    outcome = "every guarantee held" if not report.findings else "NOT HELD: " + "; ".join(report.findings)
    rows.append(
        f"{start} {report.deliveries} | {sum(report.happened.values())} in {report.seconds:.0f} s: {troubles}; "
        f"{report.poison} bodies of poison, {report.repeated} old messages repeated | {outcome} |\n"
    )
    return _between(document, "runs", _RUN_HEAD + "".join(sorted(rows)))


def with_mutant(document: str, name: str, run: str, findings: Sequence[str]) -> str:
    """The document with what a run (`seed 1`) found that had this mistake in the product."""
    start = f"| {name} |"
    rows = [row for row in _inside(document, "mutants").splitlines(keepends=True)[2:] if not row.startswith(start)]
    told = ", ".join(found_by(findings)) or "NOT FOUND"
    first = _ID.sub("…", findings[0]).replace("|", " ") if findings else ""
    rows.append(f"{start} {run} | {told} | {first[:FINDING_CHARS_MAX]} |\n")
    return _between(document, "mutants", _MUTANT_HEAD + "".join(sorted(rows)))


def outcomes(document: str) -> dict[str, str]:
    """What the document says of each fault."""
    rows = [row.strip("| \n").split(" | ") for row in _inside(document, "scenarios").splitlines()[2:]]
    return {cells[0]: cells[-1] for cells in rows}


def outcome_of(scenario: Scenario, tried: Sequence[Tried]) -> str:
    """Such as `held (3 tests, 12 s)`."""
    names = [dotted(test) for test in scenario.tests]
    own = [each for each in tried if any(_belongs(each.name, name) for name in names)]
    if not own:
        return f"{NOT_RUN}: {scenario.hindrance()}".removesuffix(": ")
    broken = [each.name.rpartition(".")[2] for each in own if not each.held]
    if broken:
        return f"NOT HELD: {', '.join(broken)}"
    return f"held ({len(own)} test{'s' if len(own) > 1 else ''}, {sum(each.seconds for each in own):.0f} s)"


def dotted(test: str) -> str:
    """A test's id as the results name it."""
    path, _, inner = test.partition(".py")
    return path.replace("/", ".") + inner.replace("::", ".")


def _belongs(name: str, to: str) -> bool:
    return name == to or name.startswith((f"{to}.", f"{to}["))


def _tried(results: str) -> Iterator[Tried]:
    for case in ET.fromstring(results).iter("testcase"):  # noqa: S314 - written by our own pytest
        broken = any(case.find(outcome) is not None for outcome in ("failure", "error", "skipped"))
        yield Tried(f"{case.get('classname')}.{case.get('name')}", not broken, float(case.get("time", 0)))


def _inside(document: str, name: str) -> str:
    return document.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]


def _between(document: str, name: str, text: str) -> str:
    before, begin, rest = document.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not begin or not end:
        msg = f"no place for {name} in {DOCUMENT.name}"
        raise ValueError(msg)
    return before + begin + text + end + after
