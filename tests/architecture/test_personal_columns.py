"""The page on personal data is whole and true; a column that nobody has thought about is rejected."""

from pathlib import Path

import pytest

from tests.architecture.personal_columns import Row, offences, rows_of, wordy_columns
from tests.architecture.sources import CHECKOUT

PAGE = CHECKOUT / "docs" / "personal-data.md"
LEADS = """
class Lead(Base):
    __tablename__ = "leads"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    voice: Mapped[bytes | None]
    score: Mapped[int]
"""
ALL = [("leads", "name"), ("leads", "said"), ("leads", "voice")]


def test_every_column_is_classified() -> None:
    files = [path for tree in ("services", "shared/conveyor") for path in (CHECKOUT / tree).rglob("*.py")]
    columns = [each for path in files for each in wordy_columns(path.read_text(encoding="utf-8"))]

    found = list(offences(columns, rows_of(PAGE.read_text(encoding="utf-8")), CHECKOUT))

    assert not found, "\n".join(found)
    assert ("telemarketing_contacts", "phone") in columns


def test_text_json_and_bytes_are_found_and_nothing_else() -> None:
    assert list(wordy_columns(LEADS)) == ALL


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("| `leads` | `name` `said` | a company's words |", ["leads.voice is not classified"]),
        ("| `leads` | `name` `said` `voice` `face` | a company's words |", ["leads.face is classified and does not"]),
        ("| `leads` | `name` `said` `voice` | none |", ["leads: say why name, said, voice stay"]),
        ("| `leads` | `name` `name` `said` `voice` | a company's words |", ["leads.name is classified twice"]),
        ("| `leads` | `name` `said` `voice` | `nowhere.py` |", ["leads: nowhere.py does not name it"]),
        ("| `leads` | `name` `said` `voice` | `erasing.py` |", ["leads.voice: erasing.py does not name it"]),
        ("| `leads` | `name` `said` `voice` | a company's words |", []),
    ],
)
def test_a_column_that_is_forgotten_or_not_erased_is_rejected(tmp_path: Path, page: str, said: list[str]) -> None:
    (tmp_path / "erasing.py").write_text('"UPDATE leads SET name = :pseudonym, said = NULL"')

    found = list(offences(ALL, rows_of(page), tmp_path))

    assert len(found) == len(said)
    assert all(one.startswith(expected) for one, expected in zip(found, said, strict=True))


def test_a_table_whose_rows_go_needs_no_names_of_columns(tmp_path: Path) -> None:
    (tmp_path / "erasing.py").write_text('"DELETE FROM leads WHERE lead_id = :lead_id"')

    assert list(offences(ALL, [Row("leads", ("name", "said", "voice"), "`erasing.py`")], tmp_path)) == []
