"""Deliberate mistakes in the product, each of which a run of `make faults` must notice: proof that it is not blind.

A mutant is a copy of the checkout with one mistake in it, gone afterwards. `make faults mutants=all` plays a quarter in
trouble with each; a mutant that comes through is a hole in the checks.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conveyor_local.places import CHECKOUT

COPIED = ("shared", "services", "deploy", "faults", "docs")
IMPORTED = (".", "shared", "services/telemarketing", "services/closing", "services/account", "services/handoff-bus")
RUN_SECONDS_MAX = 1200
FOUND = "NOT HELD: "
_KIT = "shared/conveyor/kit"
_RELAY = f"{_KIT}/messaging/relay.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake: in which file which lines stand instead of which."""

    name: str
    file: str
    changes: Mapping[str, str]

    def spoil(self, checkout: Path) -> None:
        """Make the mistake there."""
        path = checkout / self.file
        path.write_text(self.spoiled(path.read_text()))

    def spoiled(self, text: str) -> str:
        """The file with the mistake. Raises ValueError when the lines do not stand there exactly once."""
        for right, wrong in self.changes.items():
            if text.count(right) != 1:
                msg = f"{self.name}: {self.file} does not have these lines once: {right!r}"
                raise ValueError(msg)
            text = text.replace(right, wrong)
        return text


MUTANTS = (
    Mutant(
        "the relay marks before it publishes",
        _RELAY,
        {
            '        failpoints.passing("relay.before_publish")\n': (
                "        await session.execute(_MOVE, [row.id for row in rows], [0] * len(rows))\n"
                '        failpoints.passing("relay.before_publish")\n'
            ),
            "        await session.execute(_MOVE, [row.id for row in rows], [ack.stream_seq for ack in acks])\n": (
                "        await session.executemany(\n"
                '            "UPDATE outbox_log SET stream_seq = $2 WHERE id = $1",\n'
                "            [(row.id, ack.stream_seq) for row, ack in zip(rows, acks, strict=True)],\n"
                "        )\n"
            ),
        },
    ),
    Mutant(
        "the relay asks for what lies above the last id",
        _RELAY,
        {
            "            SELECT * FROM outbox WHERE NOT EXISTS (\n": (
                "            SELECT * FROM outbox\n"
                "            WHERE id > (SELECT coalesce(max(id), 0) FROM outbox_log) AND NOT EXISTS (\n"
            ),
        },
    ),
    Mutant(
        "the consumer acknowledges before it commits",
        f"{_KIT}/messaging/consumer.py",
        {
            "        outcome = await self._handling.take(items, refused)\n": (
                "        await _settle(messages, {})\n        outcome = await self._handling.take(items, refused)\n"
            ),
        },
    ),
    Mutant(
        "the inbox lets everything in",
        f"{_KIT}/messaging/inbox.py",
        {"    new = {row.event_id for row in rows}\n": "    new = {each.event_id for each in come}\n"},
    ),
    Mutant(
        "the door answers before it commits",
        "services/handoff-bus/handoff_bus/deliveries/intake.py",
        {
            "        try:\n            receipts = await self._write([parcel for parcel, _ in waiting])\n": (
                "        for parcel, answer in waiting:\n"
                '            answer.set_result(Receipt(parcel.delivery_id, "stored"))\n'
                "        try:\n            receipts = await self._write([parcel for parcel, _ in waiting])\n"
            ),
        },
    ),
    Mutant(
        "a repeated request is done again",
        f"{_KIT}/idempotency.py",
        {"    if claimed:\n        return\n": "    if claimed or now:\n        return\n"},
    ),
)


# What the findings of a check say, by the check.
_CHECKS = {
    "payroll files": "the payroll file of",
    "ledgers": "minor units",
    "facts said": "was said",
    "deliveries": r"is not kept|is kept|deliveries are still",
    "facts handled": "never handled",
    "the stream": "stream|in the logs|stands before",
    "set aside": "gave up|quarantine",
    "chains": "the chain of",
    "answers": "without an excuse",
    "the play itself": "NotAtRest|NotAnswered|NeverOffered|UnableToStart|CallRefused|AssertionError",
}


def found_by(findings: Sequence[str]) -> list[str]:
    """The checks that found these."""
    return [check for check, words in _CHECKS.items() if any(re.search(words, each) for each in findings)]


def findings_with(mutant: Mutant, *, seed: int, minutes: float) -> list[str]:
    """What a run with this mistake in the product finds; nothing: it is blind to it. Raises when the run broke off."""
    with tempfile.TemporaryDirectory(prefix="conveyor-mutant-", ignore_cleanup_errors=True) as folder:
        checkout = Path(folder)
        checkout.chmod(0o711)
        for name in COPIED:
            shutil.copytree(CHECKOUT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
        mutant.spoil(checkout)
        paths = os.pathsep.join(str(checkout / each) for each in (*IMPORTED, "deploy/local"))
        command = [sys.executable, "-m", "faults", "--seed", str(seed), "--minutes", str(minutes)]
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            check=False,
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
            timeout=RUN_SECONDS_MAX,
        )
    found = [line.removeprefix(FOUND) for line in done.stdout.splitlines() if line.startswith(FOUND)]
    if not found and done.returncode != 0:
        msg = f"the run with {mutant.name!r} broke off:\n{done.stdout[-2000:]}"
        raise RuntimeError(msg)
    return found


def mutants_called(phrase: str) -> Sequence[Mutant]:
    """Those whose names contain the phrase, or all. Raises ValueError when there is none."""
    found = [each for each in MUTANTS if phrase in {"", "all"} or phrase in each.name]
    if not found:
        msg = f"no mutant is called {phrase!r}"
        raise ValueError(msg)
    return found
