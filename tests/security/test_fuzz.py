"""Schemathesis over every service: good and bad requests, alone and in chains, and no answer that breaks its document.

The short form asks as the roles that may most. The long one asks as every role, all phases.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conveyor.kit.http.auth import ROLES
from tests.security.access_table import CHECKOUT, SERVICES
from tests.security.world import World

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
)
SEED, SECONDS_MAX = 20261129, 280
SHORT = ("--phases", "fuzzing,stateful", "--max-examples", "2")
# Chains have a time of their own: on a busy machine single requests use up all of a common one.
LONG = (("--phases", "coverage,fuzzing", "--max-time", "30"), ("--phases", "stateful", "--max-time", "15"))
BROADEST = {"handoff-bus": "admin", "telemarketing": "sdr", "closing": "admin", "account": "head"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", SERVICES)
def test_a_little_of_each_service(world: World, service: str, tmp_path: Path) -> None:
    fuzz(world, service, BROADEST[service], SHORT, folder=tmp_path)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("service", SERVICES)
def test_half_a_minute_as_every_role(
    world: World, service: str, role: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("requests", sum(fuzz(world, service, role, extent, folder=tmp_path) for extent in LONG))


def fuzz(world: World, service: str, role: str, extent: tuple[str, ...], *, folder: Path) -> int:
    """Ask, and say how many requests were made up."""
    bearer = world.bearer(role, world.owners.get(role))["Authorization"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", CHECKOUT / "docs" / "api" / f"{service}.json"),
            *("--url", world.stack.base_url(service), "-H", f"Authorization: {bearer}"),
            *(*extent, "--checks", ",".join(CHECKS)),
            *("--seed", str(SEED), "--request-timeout", "30", "--warnings", "off", "--no-color", "--no-shrink"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    generated = re.search(r"^  ([1-9]\d*) generated", done.stdout, re.MULTILINE)
    assert generated is not None, done.stdout[-2000:]
    return int(generated[1])
