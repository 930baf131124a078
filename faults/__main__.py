"""`python -m faults [--seed n] [--minutes m] [--cluster] [--scenarios | --only "poison, links" | --mutants all]`.

See `make faults`.
"""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Sequence

import uvloop

from faults.catalogue import SCENARIOS, Scenario
from faults.guarantees import DOCUMENT, chosen, outcome_of, try_scenarios, with_mutant, with_run, with_scenarios
from faults.mutants import Mutant, findings_with, mutants_called
from faults.run import Report, Run


def main() -> int:
    """Print what happened and write it down; 1 when a guarantee did not hold."""
    reading = argparse.ArgumentParser(prog="faults", description=__doc__)
    reading.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    reading.add_argument("--minutes", type=float, default=3.0, help="how long work comes in while troubles happen")
    reading.add_argument("--cluster", action="store_true", help="three brokers and two replicas of each service")
    reading.add_argument("--scenarios", action="store_true", help="first the known faults, one by one")
    reading.add_argument("--only", type=chosen, default=[], help="only the known faults that are called so")
    reading.add_argument("--mutants", type=mutants_called, default=[], help="mistakes in the product, to be noticed")
    given = reading.parse_args()
    if given.mutants:
        found = [_found(each, seed=given.seed, minutes=given.minutes) for each in given.mutants]
        return 0 if all(found) else 1
    if given.only:
        return 0 if _scenarios_held(given.only) else 1
    held = _scenarios_held(SCENARIOS) if given.scenarios else True
    return 0 if _run_held(Run(seed=given.seed, minutes=given.minutes, cluster=given.cluster)) and held else 1


def _found(mutant: Mutant, *, seed: int, minutes: float) -> bool:
    findings = findings_with(mutant, seed=seed, minutes=minutes)
    print(f"{mutant.name}, seed {seed}: " + ("; ".join(findings) if findings else "NOT FOUND"))
    DOCUMENT.write_text(with_mutant(DOCUMENT.read_text(), mutant.name, f"seed {seed}", findings))
    return bool(findings)


def _scenarios_held(scenarios: Sequence[Scenario]) -> bool:
    tried = try_scenarios(scenarios)
    DOCUMENT.write_text(with_scenarios(DOCUMENT.read_text(), scenarios, tried))
    for each in scenarios:
        print(f"{each.name}: {outcome_of(each, tried)}")
    return all(each.held for each in tried)


def _run_held(run: Run) -> bool:
    print(f"seed {run.seed}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        report = runner.run(run.go())
    print("\n".join(told(report, run)))
    DOCUMENT.write_text(with_run(DOCUMENT.read_text(), report))
    return not report.findings


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
