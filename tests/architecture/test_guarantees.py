"""docs/guarantees.md is what the last runs said of the faults that faults/catalogue.py lists, and says nothing else."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from conveyor_local.places import CHECKOUT
from faults.catalogue import NOT_PROVOKED, SCENARIOS, Scenario
from faults.guarantees import DOCUMENT
from faults.mutants import MUTANTS

ONE_MACHINE, CLUSTER = "one machine", "three brokers, two replicas"
RUNS_MIN = {ONE_MACHINE: 3, CLUSTER: 2}
NOT_FOUND = "NOT FOUND"
# What the run does not notice yet, and the test of its own that must.
FOUND_ELSEWHERE = {
    "the relay asks for what lies above the last id": "tests/kit/test_messaging_way.py::TestPublishing"
    "::test_a_row_that_commits_late_below_published_ids_is_published",
    "the door answers before it commits": "tests/handoff_bus/test_outage.py",
}
HELD = "every guarantee held"
_HELD = re.compile(r"held \((\d+) tests?, \d+ s\)")
_RAN = {ONE_MACHINE: ("rolling upgrade 1",), CLUSTER: ("rolling upgrade 1", "one of everything in turn 1")}


def untrue_scenarios(page: str, scenarios: Sequence[Scenario] = SCENARIOS) -> Iterator[str]:
    """Faults without one row of their own, rows that say another thing than the catalogue, and what did not hold."""
    rows = _table(page, "scenarios")
    counted = Counter(row[0] for row in rows)
    known = {each.name for each in scenarios} | NOT_PROVOKED.keys()
    yield from (f"{name} has {counted[name]} rows" for name in sorted(known) if counted[name] != 1)
    yield from (f"{name} is not in the catalogue" for name in sorted(counted.keys() - known))
    told = {row[0]: row for row in rows}
    for each in scenarios:
        if each.name in told:
            yield from _untrue_row(each, told[each.name])
    for name, reason in NOT_PROVOKED.items():
        if name in told and told[name][2:] != [f"not provoked: {reason}", ""]:
            yield f"{name}: the row does not give the catalogue's reason"


def _untrue_row(scenario: Scenario, row: Sequence[str]) -> Iterator[str]:
    if list(row[1:3]) != [scenario.guarantee, scenario.provoked]:
        yield f"{scenario.name}: the row says another thing than the catalogue"
    held = _HELD.fullmatch(row[3])
    if held is None:
        yield f"{scenario.name}: {row[3]}"
        return
    named = sum(len(_functions(test)) for test in scenario.tests)
    if int(held[1]) < named:
        yield f"{scenario.name}: {held[1]} tests were run of {named}; make faults scenarios={scenario.name!r}"


def missing_tests(scenarios: Sequence[Scenario] = SCENARIOS) -> Iterator[str]:
    """Tests of the catalogue that do not exist."""
    for scenario in scenarios:
        yield from (f"{scenario.name}: there is no {test}" for test in scenario.tests if not _functions(test))
        if not scenario.tests:
            yield f"{scenario.name} names no test"


def untrue_runs(page: str) -> Iterator[str]:
    """Too few runs of a form, runs that did not hold, and runs without what each form plans."""
    rows = _table(page, "runs")
    for form, least in RUNS_MIN.items():
        number = sum(row[0] == form for row in rows)
        if number < least:
            yield f"{number} runs of {form} instead of {least}"
    for form, seed, _, troubles, outcome in rows:
        if outcome != HELD:
            yield f"{form}, seed {seed}: {outcome}"
        yield from (f"{form}, seed {seed}: no {planned}" for planned in _RAN[form] if planned not in troubles)


def untrue_mutants(page: str) -> Iterator[str]:
    """Mistakes that neither a run noticed nor a test of its own finds, and rows of mistakes that nobody makes."""
    rows = {row[0]: row for row in _table(page, "mutants")}
    for mutant in MUTANTS:
        elsewhere = FOUND_ELSEWHERE.get(mutant.name)
        is_told = elsewhere is not None and elsewhere in page and bool(_functions(elsewhere))
        if mutant.name not in rows or (rows[mutant.name][2] == NOT_FOUND and not is_told):
            yield f"no run noticed that {mutant.name}; make faults mutants={mutant.name!r} seed=1"
    yield from (f"nobody makes the mistake {name!r}" for name in rows.keys() - {each.name for each in MUTANTS})


def _table(page: str, name: str) -> list[list[str]]:
    inside = page.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]
    return [[cell.strip() for cell in row[1:-1].split("|")] for row in inside.splitlines()[2:]]


def _functions(test: str) -> list[str]:
    """The test functions that an id names: one, those of a class, or those of a file."""
    path, *inner = test.partition("[")[0].split("::")
    text = (CHECKOUT / path).read_text(encoding="utf-8") if (CHECKOUT / path).is_file() else ""
    if any(f'"{value}"' not in text for value in re.findall(r"\[(.+)-\d+\]", test)):
        return []
    nodes: list[ast.AST] = [ast.parse(text)]
    for name in inner:
        nodes = [each for node in nodes for each in ast.iter_child_nodes(node) if getattr(each, "name", "") == name]
    functions = [
        each for node in nodes for each in ast.walk(node) if isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef)
    ]
    return [each.name for each in functions if each.name.startswith("test_")]


PAGE = DOCUMENT.read_text(encoding="utf-8")
DIES = next(each for each in SCENARIOS if each.name == "PostgreSQL dies")


def test_the_page_is_true() -> None:
    found = [*untrue_scenarios(PAGE), *missing_tests(), *untrue_runs(PAGE), *untrue_mutants(PAGE)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mistake_can_still_be_made(mutant: object) -> None:
    each = next(one for one in MUTANTS if one is mutant)

    assert each.spoiled((CHECKOUT / each.file).read_text()) != (CHECKOUT / each.file).read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "offence"),
    [
        ("| PostgreSQL dies |", "| PostgreSQL faints |", "PostgreSQL dies has 0 rows"),
        ("| PostgreSQL dies |", "| poison |", "poison has 2 rows"),
        ("| SIGKILL of all its processes |", "| a harsh word |", "the row says another thing"),
        ("needs a machine of its own", "nobody cares", "does not give the catalogue's reason"),
    ],
)
def test_the_guard_finds_a_row_that_is_not_the_catalogue_s(right: str, wrong: str, offence: str) -> None:
    assert any(offence in each for each in untrue_scenarios(PAGE.replace(right, wrong, 1)))


@pytest.mark.parametrize(
    "outcome", ["NOT RUN", "NOT HELD: test_it", "NOT RUN here: no room", "held", "held (0 tests, 1 s)"]
)
def test_the_guard_finds_what_was_not_shown(outcome: str) -> None:
    assert len(list(untrue_scenarios(_HELD.sub(outcome, PAGE)))) >= len(SCENARIOS)


@pytest.mark.parametrize(
    "test", [f"{DIES.tests[0]}_at_all", "tests/faults/test_gone.py", "tests/faults/test_outages.py::TestGone"]
)
def test_the_guard_finds_a_test_that_is_not_there(test: str) -> None:
    assert list(missing_tests([replace(DIES, tests=(test,))])) == [f"PostgreSQL dies: there is no {test}"]


def test_the_guard_finds_a_fault_without_a_test() -> None:
    assert list(missing_tests([replace(DIES, tests=())])) == ["PostgreSQL dies names no test"]


def test_the_guard_finds_a_test_that_was_named_after_the_run() -> None:
    more = replace(DIES, tests=(*DIES.tests, "tests/faults/test_links.py"))
    others = [each for each in SCENARIOS if each is not DIES]

    assert any("tests were run of" in each for each in untrue_scenarios(PAGE, [*others, more]))


@pytest.mark.parametrize(
    ("right", "wrong", "offence"),
    [
        (HELD, "NOT HELD: a file differs", "a file differs"),
        ("rolling upgrade 1", "kill 1", "no rolling upgrade 1"),
        ("| one machine |", "", "runs of one machine instead of"),
    ],
)
def test_the_guard_finds_runs_that_show_too_little(right: str, wrong: str, offence: str) -> None:
    rows = [row for row in PAGE.splitlines() if wrong or right not in row]

    assert any(offence in each for each in untrue_runs("\n".join(rows).replace(right, wrong or right)))


def test_the_guard_finds_a_mistake_that_was_not_noticed() -> None:
    name = MUTANTS[0].name

    assert any(name in each for each in untrue_mutants(PAGE.replace(f"| {name} |", "| a slip |")))
    assert any("nobody makes" in each for each in untrue_mutants(PAGE.replace(f"| {name} |", "| a slip |")))
    blind = re.sub(rf"\| {name} \| (.+?) \| .+? \|", rf"| {name} | \1 | {NOT_FOUND} |", PAGE)
    assert any(name in each for each in untrue_mutants(blind))
