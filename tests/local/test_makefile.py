"""The Makefile as the only door."""

import subprocess

import pytest

from conveyor_local.places import CHECKOUT

TARGETS = (
    "run",
    "demo",
    "test",
    "check",
    "bench",
    "faults",
    "fuzz",
    "security",
    "fix",
    "migration",
    "generate",
    "token",
    "lock",
    "clean",
)


@pytest.fixture(scope="module")
def printed() -> str:
    return subprocess.run(
        ["/usr/bin/env", "make", "--no-print-directory"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout


@pytest.mark.parametrize("target", TARGETS)
def test_a_bare_make_prints_every_target_with_its_help(printed: str, target: str) -> None:
    assert any(line.split()[:2] == ["make", target] and len(line.split()) > 2 for line in printed.splitlines())


def test_the_targets_stand_in_groups(printed: str) -> None:
    assert [group for group in ("Use", "Check", "Work") if group in printed] == ["Use", "Check", "Work"]


def test_continuous_integration_runs_the_same_targets() -> None:
    script = (CHECKOUT / ".ci" / "run").read_text()

    assert "set -euo pipefail" in script
    assert script.rstrip().splitlines()[-2:] == ["make check", "make test"]
