"""Whoever adds a personal column and its erasure is told when it would not be disclosed; the guard is proven."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from conveyor.contracts.registry import SERVICES
from conveyor.disclosing.kept import Kept, Withheld, of_lead
from conveyor.erasing.steps import sql
from tests.architecture.disclosed_columns import never_disclosed, offences
from tests.architecture.personal_columns import Row, rows_of
from tests.architecture.sources import CHECKOUT
from tests.disclosing.services import KEPT, STEPS

ROWS = rows_of((CHECKOUT / "docs" / "personal-data.md").read_text(encoding="utf-8"))
SAMPLE = (
    Row("cases", ("name", "note"), "`erasing.py`"),
    Row("cases", ("reason",), "words about pay: grounds of pay that the law asks to keep"),
)
ERASED = sql("cases", "UPDATE cases SET name = :pseudonym, note = NULL WHERE lead_id = :lead_id")
GONE = sql("cases", "DELETE FROM cases WHERE lead_id = :lead_id")


class Samples(DeclarativeBase):
    pass


class Case(Samples):
    __tablename__ = "cases"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


def _kept(**of: object) -> Kept:
    return Kept(model=Case, of=of_lead(Case).of, **of)  # type: ignore[arg-type] # a table of this file


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_erased_is_disclosed(service: str) -> None:
    found = list(offences(service, STEPS[service], KEPT[service], ROWS))

    assert not found, "\n".join(found)


def test_every_personal_column_is_disclosed_to_somebody() -> None:
    found = list(never_disclosed(list(KEPT.values()), ROWS))

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ([], ["cases.name is erased", "cases.note is erased"]),
        ([_kept(only=frozenset({"name"}))], ["cases.note is erased"]),
        ([_kept(leaves_out=frozenset({"name"}))], ["cases.name is erased"]),
        ([_kept(columns={"note": Withheld("it may")})], ["cases.note: why is it withheld?"]),
        ([_kept(columns={"note": Withheld("it may speak of others too")})], []),
        ([_kept()], []),
    ],
)
def test_a_column_that_is_erased_and_not_disclosed_is_rejected(kept: Sequence[Kept], said: list[str]) -> None:
    found = list(offences("closing", {"lead": [ERASED]}, {"lead": kept}, SAMPLE))

    assert len(found) == len(said)
    assert all(expected in one for one, expected in zip(found, said, strict=True))


def test_of_rows_that_go_everything_is_disclosed() -> None:
    found = list(offences("closing", {"lead": [GONE]}, {"lead": [_kept(only=frozenset({"name", "note"}))]}, SAMPLE))

    assert [one for one in found if "cases.reason is erased" in one] == found
    assert found


@pytest.mark.parametrize(
    ("kept", "said"),
    [([_kept()], []), ([_kept(leaves_out=frozenset({"reason"}))], ["cases.reason is disclosed to nobody"])],
)
def test_a_column_that_the_law_keeps_is_disclosed_too(kept: Sequence[Kept], said: list[str]) -> None:
    assert list(never_disclosed([{"employee": kept}], SAMPLE)) == said
