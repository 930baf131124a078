"""Every operation has a row in docs/access.md; the services are tried against it in tests/security."""

import pytest

from conveyor.kit.http.auth import ROLES
from tests.security.access_table import PAGE, SERVICES, Operation, UnreadableRow, gaps, operations_of, rows_of

SAMPLE = """
## closing

| operation | head | ae | note |
|-----------|------|----|------|
| `GET /v1/deals` | all | own | |
"""


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    operations = [operation for service in SERVICES for operation in operations_of(service)]

    found = list(gaps(operations, rows_of(PAGE.read_text(encoding="utf-8"))))

    assert not found, "\n".join(found)


def test_every_row_speaks_of_every_role() -> None:
    assert {frozenset(row.rights) for row in rows_of(PAGE.read_text(encoding="utf-8"))} == {ROLES}


def test_the_auditor_writes_nothing_and_payroll_nothing_but_payouts() -> None:
    writes = [row for row in rows_of(PAGE.read_text(encoding="utf-8")) if not row.operation.startswith("GET")]

    assert [row.operation for row in writes if row.rights["auditor"] != "–"] == []
    assert [
        row.operation for row in writes if row.rights["payroll"] != "–" and "/v1/payout-" not in row.operation
    ] == []


@pytest.mark.parametrize(
    ("name", "roles", "offence"),
    [
        ("GET /v1/deals", ["ae", "head"], None),
        ("GET /v1/deals", ["ae", "head", "am"], "lets in"),
        ("GET /v1/deals", ["ae"], "lets in"),
        ("GET /v1/deals", None, "asks for no token"),
        ("POST /v1/deals", ["ae"], "has 0 rows"),
    ],
)
def test_the_guard_finds_what_the_table_does_not_say(name: str, roles: list[str] | None, offence: str | None) -> None:
    described = {} if roles is None else {"x-roles": roles}

    found = list(gaps([Operation("closing", name, described)], rows_of(SAMPLE)))

    assert [one for one in found if offence and offence in one] if offence else not found


def test_the_guard_finds_a_row_of_an_operation_that_is_gone() -> None:
    assert list(gaps([], rows_of(SAMPLE))) == ["GET /v1/deals under `## closing` is no operation"]


@pytest.mark.parametrize("row", ["| `GET /v1/deals` | all | |", "| `GET /v1/deals` | all | maybe | |", "| `nothing` |"])
def test_the_guard_does_not_read_past_a_broken_row(row: str) -> None:
    with pytest.raises(UnreadableRow):
        rows_of(f"{SAMPLE}\n{row}")
