"""A new migration continues its room's own branch."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conveyor_local.new_migration import ROOMS, UnknownRoom, new_migration
from conveyor_local.places import CHECKOUT

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def _values(path: Path) -> dict[str, object]:
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def test_the_first_begins_the_branch_and_the_second_follows(tmp_path: Path) -> None:
    first = new_migration(room="handoff-bus", message="Create sources", now=NOW, versions=tmp_path)
    second = new_migration(room="handoff-bus", message="add signed_at.", now=NOW, versions=tmp_path)

    assert first.name == "2026_11_23_0905_create_sources.py"
    assert second.name == "2026_11_23_0905_add_signed_at.py"
    assert _values(first) == {
        "revision": "handoff_bus_0001",
        "down_revision": None,
        "branch_labels": ("handoff_bus",),
        "depends_on": None,
    }
    assert _values(second)["down_revision"] == "handoff_bus_0001"
    assert _values(second)["branch_labels"] is None


def test_the_next_follows_the_last_by_its_whole_name(tmp_path: Path) -> None:
    """Revisions carry a word behind their number: telemarketing_0004_reads."""
    first = new_migration(room="closing", message="create", now=NOW, versions=tmp_path)
    first.write_text(first.read_text().replace('"closing_0001"', '"closing_0001_reads"'))

    second = new_migration(room="closing", message="add signed_at", now=NOW, versions=tmp_path)

    assert (_values(second)["revision"], _values(second)["down_revision"]) == ("closing_0002", "closing_0001_reads")


def test_an_unknown_room_and_an_empty_message_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownRoom, match="bonuses, closing"):
        new_migration(room="kitchen", message="create", now=NOW)
    with pytest.raises(ValueError, match="in a few words"):
        new_migration(room="closing", message=" … ", now=NOW, versions=tmp_path)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    new_migration(room="closing", message="create", now=NOW, versions=tmp_path)

    with pytest.raises(FileExistsError):
        new_migration(room="closing", message="create", now=NOW, versions=tmp_path)


def test_every_folder_of_migrations_has_a_room() -> None:
    found = {path for path in CHECKOUT.glob("s*/**/migrations/versions") if list(path.glob("*.py"))}

    assert set(ROOMS.values()) == found
