"""`python -m tests.security [--long [--only closing-admin]]`: try everything, and write what came of it down.

`--long` adds half a minute of fuzz for every service as every role; with `--only` these alone, of the services and
roles that the expression names (as pytest's `-k`).
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from conveyor_local.known_vulnerabilities import asked
from tests.security.access_table import CHECKOUT
from tests.security.report import LONG, Tried, summary_of, tried_in, with_results, with_verdict

PAGE = CHECKOUT / "docs" / "security.md"
EVERYTHING = (
    "tests/security",
    "tests/deploy",
    "tests/architecture/test_access_table.py",
    "tests/architecture/test_security_cases.py",
)


def main() -> int:
    """1 when something does not hold, or a dependency is known to be vulnerable."""
    parser = argparse.ArgumentParser(prog="make security")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="")
    asked_for = parser.parse_args()
    if asked_for.only:
        tried = run(["tests/security/test_fuzz.py"], expression=f"{LONG} and ({asked_for.only})")
    else:
        tried = run(EVERYTHING, expression="" if asked_for.long else f"not {LONG}")
    page = with_results(PAGE.read_text(encoding="utf-8"), tried)
    told, is_vulnerable = [summary_of(tried)], False
    if not asked_for.only:
        verdict = asked()
        told.append(verdict.text)
        is_vulnerable = verdict.is_vulnerable
        page = with_verdict(page, verdict.text)
    PAGE.write_text(page, encoding="utf-8")
    print(*told, sep="\n")  # noqa: T201 - a program for people
    return int(is_vulnerable or not tried or not all(one.held for one in tried))


def run(paths: tuple[str, ...] | list[str], *, expression: str) -> list[Tried]:
    """Run these tests, one process, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={results}", *paths]
        # The newer family of result files has no properties, and by them a fuzz tells how much it tried.
        command += ["-o", "junit_family=xunit1"]
        subprocess.run([*command, "-k", expression], cwd=CHECKOUT, check=False)
        return list(tried_in(results.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
