"""The import contracts of pyproject.toml hold, and each is proven by a package that breaks it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import CHECKOUT

PACKAGES = (
    "telemarketing",
    "closing",
    "account",
    "handoff_bus",
    "conveyor_local",
    "conveyor/bonuses",
    "conveyor/handoffs",
    "conveyor/roster",
    "conveyor/payroll_file",
    "conveyor/kit",
    "conveyor/contracts",
    "verifier",
)
BREAKS = [
    ("closing", "telemarketing"),
    ("telemarketing", "account"),
    ("handoff_bus", "conveyor.bonuses"),
    ("handoff_bus", "conveyor.handoffs"),
    ("conveyor/bonuses", "conveyor.handoffs"),
    ("conveyor/handoffs", "conveyor.bonuses"),
    ("conveyor/roster", "conveyor.bonuses"),
    ("conveyor/kit", "conveyor.roster"),
    ("conveyor/kit", "closing"),
    ("conveyor/contracts", "conveyor.kit"),
    ("conveyor/contracts", "sqlalchemy"),
    ("closing", "conveyor_local"),
    ("conveyor/kit", "conveyor_local"),
    ("verifier", "conveyor.bonuses"),
    ("verifier", "conveyor.kit"),
    ("verifier", "closing"),
]


def _lint(folder: Path, *, paths: str | None) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    env = os.environ | ({"PYTHONPATH": paths} if paths else {})
    command: list[str | Path] = [program, "--no-cache", "--config", CHECKOUT / "pyproject.toml"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    for package in PACKAGES:
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "part.py").touch()
    return tmp_path


def test_the_checkout_keeps_the_contracts() -> None:
    linted = _lint(CHECKOUT, paths=None)

    assert linted.returncode == 0, linted.stdout


def test_a_sample_without_imports_keeps_the_contracts(sample: Path) -> None:
    linted = _lint(sample, paths=str(sample))

    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(("importer", "imported"), BREAKS)
def test_a_forbidden_import_is_named(sample: Path, importer: str, imported: str) -> None:
    (sample / importer / "part.py").write_text(f"import {imported}\n")

    linted = _lint(sample, paths=str(sample))

    assert linted.returncode != 0
    assert f"{importer.replace('/', '.')}.part -> {imported}" in linted.stdout
