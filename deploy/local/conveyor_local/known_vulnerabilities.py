"""`make security`, its last step: which locked dependencies have known vulnerabilities, where a network tells.

The advisories are asked for by pip-audit. Where they cannot be had, that is said plainly and is no failure: it says
nothing about the dependencies.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer

from conveyor_local.places import CHECKOUT

SECONDS_MAX = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it: a sentence for people, and whether something vulnerable was found."""

    text: str
    is_vulnerable: bool = False


def main() -> None:
    """Ask about requirements.lock; 1 when something vulnerable is in it."""
    verdict = asked()
    typer.echo(verdict.text)
    raise typer.Exit(int(verdict.is_vulnerable))


def asked() -> Verdict:
    """Run pip-audit."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(CHECKOUT / "requirements.lock")]
    options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json", "--timeout", "10"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(f"Known vulnerabilities: not asked, no answer within {SECONDS_MAX} seconds.")
    return read(done.stdout, done.stderr)


def read(told: str, trouble: str) -> Verdict:
    """What pip-audit told: JSON when it could ask, else the last line of its trouble."""
    try:
        dependencies: Sequence[dict[str, Any]] = json.loads(told)["dependencies"]
    except (ValueError, KeyError):
        why = (trouble.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return Verdict(f"Known vulnerabilities: not asked, the advisories cannot be had here ({why[:200]}).")
    looked_up = [one for one in dependencies if "skip_reason" not in one]
    if not looked_up:
        return Verdict(f"Known vulnerabilities: not asked, nobody here knows any of {len(dependencies)} dependencies.")
    bad = [
        f"  {one['name']} {one['version']}: {vuln['id']}, mended in {', '.join(vuln['fix_versions']) or 'no version'}"
        for one in looked_up
        for vuln in one["vulns"]
    ]
    summary = f"Known vulnerabilities: {len(bad)}, in {len(looked_up)} of {len(dependencies)} dependencies looked up."
    return Verdict("\n".join([summary, *bad]), is_vulnerable=bool(bad))


if __name__ == "__main__":
    typer.run(main)
