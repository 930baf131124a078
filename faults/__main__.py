"""`python -m faults [--seed n] [--minutes m] [--cluster] [--scenarios]`: see `make faults`."""

import argparse
import asyncio
import secrets
import sys

import uvloop

from faults.guarantees import DOCUMENT, try_scenarios, with_run, with_scenarios
from faults.run import Report, Run


def main() -> int:
    """Print what happened and write it down; 1 when a guarantee did not hold."""
    reading = argparse.ArgumentParser(prog="faults", description=__doc__)
    reading.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    reading.add_argument("--minutes", type=float, default=3.0, help="how long work comes in while troubles happen")
    reading.add_argument("--cluster", action="store_true", help="three brokers and two replicas of each service")
    reading.add_argument("--scenarios", action="store_true", help="first the known faults, one by one")
    given = reading.parse_args()
    tried = try_scenarios() if given.scenarios else []
    if tried:
        DOCUMENT.write_text(with_scenarios(DOCUMENT.read_text(), tried))
    print(f"seed {given.seed}")
    run = Run(seed=given.seed, minutes=given.minutes, cluster=given.cluster)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        report = runner.run(run.go())
    print("\n".join(told(report, run)))
    DOCUMENT.write_text(with_run(DOCUMENT.read_text(), report))
    return 0 if all(each.held for each in tried) and not report.findings else 1


def told(report: Report, run: Run) -> list[str]:
    """A report for a reader."""
    counts = ", ".join(f"{name} {times}" for name, times in report.happened.most_common())
    lines = [
        f"{report.form}, seed {report.seed}: {report.deliveries} deliveries accepted, {report.requests} requests sent",
        f"{sum(report.happened.values())} troubles in {report.seconds:.0f} s: {counts}",
        f"{report.poison} bodies spilled, {report.repeated} old messages repeated",
    ]
    if not report.findings:
        return [*lines, "every guarantee held"]
    again = f"make faults seed={run.seed} minutes={run.minutes:g}" + (" cluster=1" if run.cluster else "")
    return [*lines, *(f"NOT HELD: {each}" for each in report.findings), f"again: {again}"]


if __name__ == "__main__":
    sys.exit(main())
