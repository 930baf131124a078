"""Every guard is proven: a sample that must fail, and its neighbour that must not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import document_guards, shape_guards, way_guards
from tests.architecture.sources import Source
from tests.architecture.test_architecture import GUARDS

Guard = Callable[[Source], Iterator[str]]
ACTION = "services/closing/closing/deals/lose_deal.py"
RULES = "services/closing/closing/deals/rules.py"
QUERIES = "services/closing/closing/deals/queries.py"
API = "services/closing/closing/deals/api.py"
KIT = "shared/conveyor/kit/retry.py"
LEDGER = "shared/conveyor/bonuses/ledger/post.py"
ENGINE = "shared/conveyor/bonuses/engine/evaluate.py"
TEST = "tests/closing/test_deals.py"
LATER = "TO" + "DO"
NOQA = "# no" + "qa"
IGNORE = "# type: ig" + "nore"
SKIPPED = "sk" + "ip"

BAD: list[tuple[Guard, str, str]] = [
    (shape_guards.too_long, ACTION, "x = 1\n" * 301),
    (shape_guards.too_long_functions, ACTION, "def f() -> None:\n" + "    x = 1\n" * 60),
    (shape_guards.too_long_functions, TEST, "async def f() -> None:\n" + "    x = 1\n" * 60),
    (shape_guards.forbidden_names, "services/closing/closing/utils.py", ""),
    (shape_guards.forbidden_names, "services/closing/closing/common/deals.py", ""),
    (shape_guards.forbidden_names, "services/closing/closing/deals/service.py", ""),
    (shape_guards.business_words_in_kit, KIT, "def retry(lead_id: str) -> None: ..."),
    (shape_guards.business_words_in_kit, KIT, "class DealRetry: ..."),
    (shape_guards.business_words_in_kit, KIT, 'TOPIC = "payment_received"'),
    (shape_guards.unfinished_or_unexplained, ACTION, f"# {LATER}: later\n"),
    (shape_guards.unfinished_or_unexplained, ACTION, f"x = f()  {NOQA}\n"),
    (shape_guards.unfinished_or_unexplained, ACTION, f"x = f()  {NOQA}: S101\n"),
    (shape_guards.unfinished_or_unexplained, ACTION, f"x = f()  {IGNORE}\n"),
    (shape_guards.unfinished_or_unexplained, ACTION, f"x = f()  {IGNORE}[arg-type]\n"),
    (shape_guards.unfinished_or_unexplained, ACTION, 'PLACE = "/ro' + 'ot/data"\n'),
    (shape_guards.unfinished_or_unexplained, ACTION, "# see https://py" + "pi.org/simple\n"),
    (shape_guards.skipped_tests, TEST, f"@pytest.mark.{SKIPPED}\ndef test_nothing() -> None: ..."),
    (way_guards.commits_out_of_place, API, "await tx.commit(view)"),
    (way_guards.commits_out_of_place, QUERIES, "await session.commit()"),
    (way_guards.commits_out_of_place, RULES, "tx.commit()"),
    (way_guards.commits_out_of_place, "services/closing/closing/deals/listeners.py", "await tx.commit()"),
    (way_guards.clock_readers, ACTION, "at = datetime.now(UTC)"),
    (way_guards.clock_readers, ACTION, "at = datetime.datetime.utcnow()"),
    (way_guards.clock_readers, "shared/conveyor/kit/relay.py", "began = time.time()"),
    (way_guards.clock_readers, ACTION, "from time import time"),
    (way_guards.clock_readers, ACTION, "day = date.today()"),
    (way_guards.floats_near_money, LEDGER, "amount = float(text)"),
    (way_guards.floats_near_money, LEDGER, "def post(amount: float) -> None: ..."),
    (way_guards.floats_near_money, ENGINE, "RATE = 0.03"),
    (way_guards.floats_near_money, "shared/conveyor/kit/money.py", "half = value * 0.5"),
    (way_guards.impure_rules, RULES, "from sqlalchemy import select"),
    (way_guards.impure_rules, RULES, "import fastapi"),
    (way_guards.impure_rules, RULES, "import nats"),
    (way_guards.impure_rules, RULES, "import httpx2"),
    (way_guards.impure_rules, RULES, "from closing.deals.tables import Deal"),
    (way_guards.impure_rules, RULES, "async def decide() -> None: ..."),
    (way_guards.impure_rules, ENGINE, "import asyncio"),
    (way_guards.against_the_layers, QUERIES, "from closing.deals.api import DealView"),
    (way_guards.against_the_layers, "services/closing/closing/deals/tables.py", "from closing.deals import queries"),
    (way_guards.against_the_layers, ACTION, "from closing.deals import listeners"),
    (way_guards.against_the_layers, LEDGER, "from conveyor.bonuses.ledger import api"),
    (way_guards.retired_libraries, ACTION, "import httpx"),
    (way_guards.retired_libraries, TEST, "from requests import get"),
]

GOOD: list[tuple[Guard, str, str]] = [
    (shape_guards.too_long, ACTION, "x = 1\n" * 300),
    (shape_guards.too_long_functions, ACTION, "def f() -> None:\n" + "    x = 1\n" * 59),
    (shape_guards.forbidden_names, "shared/conveyor/kit/service.py", ""),
    (shape_guards.business_words_in_kit, KIT, '"""Leads nowhere: a docstring may say deal."""\nleader = 1'),
    (shape_guards.business_words_in_kit, ACTION, "deal = 1"),
    (shape_guards.unfinished_or_unexplained, ACTION, f"x = f()  {NOQA}: S101 - a reason\n"),
    (shape_guards.unfinished_or_unexplained, ACTION, f"x = f()  {IGNORE}[arg-type]  # a reason\n"),
    (shape_guards.skipped_tests, TEST, "def test_something() -> None: ..."),
    (way_guards.commits_out_of_place, ACTION, "return await tx.commit(view)"),
    (way_guards.clock_readers, "shared/conveyor/kit/clock.py", "return datetime.now(UTC)"),
    (way_guards.clock_readers, ACTION, "until = time.monotonic() + 2"),
    (way_guards.floats_near_money, LEDGER, "PATIENCE_SECONDS = 0.5"),
    (way_guards.floats_near_money, LEDGER, "def wait(*, seconds: float) -> None: ..."),
    (way_guards.floats_near_money, ACTION, "share: float = 2"),
    (way_guards.impure_rules, RULES, "from conveyor.kit.money import Money"),
    (way_guards.impure_rules, ACTION, "from sqlalchemy import select"),
    (way_guards.against_the_layers, API, "from closing.deals.lose_deal import lose_deal"),
    (way_guards.against_the_layers, QUERIES, "from closing.deals.tables import Deal"),
    (way_guards.against_the_layers, "services/closing/closing/main.py", "from closing.deals import api"),
    (way_guards.retired_libraries, ACTION, "import httpx2"),
]


@pytest.mark.parametrize(("guard", "path", "text"), BAD)
def test_a_bad_sample_is_named(guard: Guard, path: str, text: str) -> None:
    offences = list(guard(Source.sample(path, text)))

    assert offences
    assert all(offence.startswith(f"{path}:") for offence in offences)


@pytest.mark.parametrize(("guard", "path", "text"), GOOD)
def test_a_good_sample_passes(guard: Guard, path: str, text: str) -> None:
    assert list(guard(Source.sample(path, text))) == []


def test_every_guard_has_both_samples() -> None:
    assert {guard for guard, _, _ in BAD} == set(GUARDS)
    assert {guard for guard, _, _ in GOOD} == set(GUARDS)


@pytest.mark.parametrize("last_line", ["", "Held by: `tests/nowhere.py`", "Held by: nobody at all", "Held by: `empty`"])
def test_a_decision_without_a_check_is_named(tmp_path: Path, last_line: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "0001-something.md").write_text(f"# Something\n\n{last_line}\n")

    assert list(document_guards.decisions_held_by_nothing(tmp_path, tmp_path))


@pytest.mark.parametrize(
    ("second", "offences"),
    [
        (("0002-other.md", "# 0002 Other"), 0),
        (("0001-other.md", "# 0001 Other"), 2),
        (("0002-other.md", "# 0001 Other"), 1),
    ],
)
def test_decisions_that_share_a_number_are_named(tmp_path: Path, second: tuple[str, str], offences: int) -> None:
    for name, title in (("0001-something.md", "# 0001 Something"), second):
        (tmp_path / name).write_text(f"{title}\n")

    assert len(list(document_guards.decisions_that_share_a_number(tmp_path))) == offences


def test_a_decision_with_its_check_passes(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").touch()
    (tmp_path / "0001-something.md").write_text("# Something\n\nHeld by: `tests/test_it.py`\n")
    (tmp_path / "0002-other.md").write_text("# Other\n\nHeld by: `tests`\n")

    assert list(document_guards.decisions_held_by_nothing(tmp_path, tmp_path)) == []


@pytest.mark.parametrize(
    ("text", "offences"),
    [
        ("the rule is in `deals/rules.py`", 0),
        ("the rule is in `services/closing/deals/rules.py`", 0),
        ("the rule is in `deals/gone.py`", 1),
        ("the rule is in `als/rules.py`", 1),
        ("see [the rules](services/closing/deals/rules.py#top)", 0),
        ("see [the rules](services/gone.py) and [more](https://example.org/gone)", 1),
    ],
)
def test_a_page_that_names_a_file_that_is_gone_is_named(tmp_path: Path, text: str, offences: int) -> None:
    rules = tmp_path / "services" / "closing" / "deals" / "rules.py"
    rules.parent.mkdir(parents=True)
    rules.touch()
    page = tmp_path / "PAGE.md"
    page.write_text(text)
    files = frozenset({"services/closing/deals/rules.py"})

    assert len(list(document_guards.names_of_files_that_do_not_exist(page, tmp_path, files))) == offences


@pytest.mark.parametrize(
    ("named", "offences"),
    [
        ("`tests/test_it.py::test_it`", 0),
        ("`tests/test_it.py::TestMore::test_it`", 0),
        ("`tests/test_it.py::test_more`", 1),
        ("`tests/test_it.py::TestMore::test_gone`", 1),
        ("`tests/test_gone.py::test_it`", 1),
    ],
)
def test_a_page_that_names_a_test_that_is_gone_is_named(tmp_path: Path, named: str, offences: int) -> None:
    (tmp_path / "tests").mkdir()
    tests = "async def test_it() -> None: ...\nclass TestMore:\n    def test_it(self) -> None: ...\n"
    (tmp_path / "tests" / "test_it.py").write_text(tests)
    page = tmp_path / "PAGE.md"
    page.write_text(named)

    assert len(list(document_guards.names_of_tests_that_do_not_exist(page, tmp_path))) == offences


def test_a_claim_without_a_test_is_named(tmp_path: Path) -> None:
    page = tmp_path / "PAGE.md"
    page.write_text("| what | held by |\n|---|---|\n| one | `tests/test_it.py::test_it` |\n| two | our word |\n")

    assert list(document_guards.rows_without_a_test(page)) == ["PAGE.md:4: the row names no test"]


@pytest.mark.parametrize(
    ("first", "second", "offences"),
    [
        ("deals_list", "deals_read", 0),
        ("deals_list", "deals_list", 2),
        ("deals_list", None, 1),
        ("Deals", "deals_read", 1),
    ],
)
def test_operations_need_names_of_their_own(tmp_path: Path, first: str, second: str | None, offences: int) -> None:
    document = tmp_path / "closing.json"
    paths = {"/v1/deals": {"get": {"operationId": first}}, "/v1/deals/{id}": {"get": {"operationId": second}}}
    document.write_text(json.dumps({"paths": paths}))

    assert len(list(document_guards.operations_without_a_name_of_their_own(document))) == offences
