"""The house keeps its law: every guard over the whole checkout."""

from collections.abc import Callable, Iterator

import pytest

from conveyor.contracts.registry import SERVICES
from tests.architecture import document_guards, shape_guards, way_guards
from tests.architecture.sources import CHECKOUT, TREES, Source, checkout_files

Guard = Callable[[Source], Iterator[str]]

GUARDS: tuple[Guard, ...] = (
    shape_guards.too_long,
    shape_guards.too_long_functions,
    shape_guards.forbidden_names,
    shape_guards.business_words_in_kit,
    shape_guards.unfinished_or_unexplained,
    shape_guards.skipped_tests,
    way_guards.commits_out_of_place,
    way_guards.clock_readers,
    way_guards.floats_near_money,
    way_guards.impure_rules,
    way_guards.against_the_layers,
    way_guards.retired_libraries,
)


@pytest.fixture(scope="module")
def files() -> list[Source]:
    return checkout_files(".py", ".sql", ".conf", ".yaml", ".json", ".toml", ".sh")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_the_checkout_keeps_the_law(guard: Guard, files: list[Source]) -> None:
    looked_at = [source for source in files if guard is not shape_guards.too_long or source.path.suffix != ".json"]

    offences = [offence for source in looked_at for offence in guard(source)]

    assert not offences, "\n".join(offences)


def test_every_decision_is_held_by_a_check() -> None:
    offences = list(document_guards.decisions_held_by_nothing(CHECKOUT / "docs" / "decisions", CHECKOUT))

    assert not offences, "\n".join(offences)


def test_every_decision_has_a_number_of_its_own() -> None:
    offences = list(document_guards.decisions_that_share_a_number(CHECKOUT / "docs" / "decisions"))

    assert not offences, "\n".join(offences)


def test_pages_name_only_files_that_exist() -> None:
    found = [path for tree in (*TREES, "docs") for path in (CHECKOUT / tree).rglob("*") if path.is_file()]
    files = frozenset(path.relative_to(CHECKOUT).as_posix() for path in (*found, *CHECKOUT.glob("*.*")))
    pages = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / "services").glob("*/README.md")]

    offences = [
        offence for page in pages for offence in document_guards.names_of_files_that_do_not_exist(page, CHECKOUT, files)
    ]

    assert pages
    assert not offences, "\n".join(offences)


def test_pages_name_only_tests_that_exist() -> None:
    pages = list((CHECKOUT / "docs").rglob("*.md"))

    offences = [
        offence for page in pages for offence in document_guards.names_of_tests_that_do_not_exist(page, CHECKOUT)
    ]

    assert not offences, "\n".join(offences)


def test_every_claim_about_pay_names_its_test() -> None:
    offences = list(document_guards.rows_without_a_test(CHECKOUT / "docs" / "bonuses-proof.md"))

    assert not offences, "\n".join(offences)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_a_name_of_its_own(service: str) -> None:
    document = CHECKOUT / "docs" / "api" / f"{service}.json"

    offences = list(document_guards.operations_without_a_name_of_their_own(document))

    assert not offences, "\n".join(offences)
