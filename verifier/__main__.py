"""`python -m verifier --period 2026-09 [--service closing]`: print a report; exit code 1 on any difference.

The token (role auditor, head, payroll or admin) comes from CONVEYOR_TOKEN. Services are looked for on this machine,
or under CONVEYOR_<SERVICE>_URL. `--chain` asks each service to verify its whole chain and checks it here too.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence

from verifier.checks import verify
from verifier.findings import Report
from verifier.reading import NotAnswered, asking, read_books

SERVICES = {"telemarketing": 8101, "closing": 8102, "account": 8103}
_FINDINGS_SHOWN = 50


def main(arguments: Sequence[str] | None = None) -> int:
    """0: everything fits; 1: something differs; 2: it could not be checked."""
    parser = argparse.ArgumentParser(prog="verifier", description="Recompute bonus statements independently.")
    parser.add_argument("--period", help="the month, as 2026-09")
    parser.add_argument("--chain", action="store_true", help="only the chains of hashes")
    parser.add_argument("--service", action="append", choices=sorted(SERVICES), help="all three when not given")
    asked = parser.parse_args(arguments)
    token = os.environ.get("CONVEYOR_TOKEN", "")
    if not token:
        return _complain("set CONVEYOR_TOKEN to a token of role auditor")
    if not asked.chain and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", asked.period or ""):
        return _complain("name the month: --period 2026-09")
    holds = True
    for service in asked.service or SERVICES:
        try:
            ask = asking(address_of(service), token)
            books = read_books(ask, service=service, period=None if asked.chain else asked.period)
            report = verify(books)
            claimed = ask("/bonus-entries/verification", {})
        except NotAnswered as silent:
            return _complain(str(silent))
        agrees = claimed["valid"] or not report.holds
        _print(said_of(report, chain_only=asked.chain))
        if not agrees:
            _print(f"  ✗ the service says that its chain is broken at entry {claimed['first_broken']}")
        holds = holds and report.holds and agrees
    return 0 if holds else 1


def address_of(service: str) -> str:
    """Where a service answers."""
    name = service.upper().replace("-", "_")
    port = os.environ.get(f"CONVEYOR_{name}_PORT") or SERVICES[service]
    return os.environ.get(f"CONVEYOR_{name}_URL") or f"http://127.0.0.1:{port}"


def said_of(report: Report, *, chain_only: bool = False) -> str:
    """The report as a person reads it."""
    title = f"{report.service}" if chain_only else f"{report.service} {report.period}"
    lines = [f"{title}: {'everything fits' if report.holds else f'{len(report.findings)} differences'}"]
    lines.append(f"  chain of {report.entries} entries read and hashed again")
    if not chain_only:
        totals = ", ".join(f"{amount} {currency}" for currency, amount in report.totals.items()) or "nothing"
        lines.append(f"  {report.entries_of_period} entries of the month computed again from their explanations")
        if report.statements:
            lines.append(f"  {report.statements} statements with {report.lines} lines add up to {totals}")
        else:
            lines.append("  the month is not closed: it has no statements yet")
    lines.extend(f"  ✗ {finding}" for finding in report.findings[:_FINDINGS_SHOWN])
    if len(report.findings) > _FINDINGS_SHOWN:
        lines.append(f"  … and {len(report.findings) - _FINDINGS_SHOWN} more")
    return "\n".join(lines)


def _complain(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 2


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
