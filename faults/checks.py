"""What must be true of a system once its troubles are over. Each check gives its findings in words; none is good."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from conveyor_local.department import SERVICES, STAGES
from faults.linked_stack import LinkedStack
from faults.patient import PatientDepartment
from faults.poison import Poison
from faults.quarter import Outcome

SHOWN_MAX = 5

_DELIVERIES = """
    SELECT sources.name AS source, dedupe_key, state FROM deliveries JOIN sources USING (source_id)
"""
_LOG = "SELECT event_id, split_part(subject, '.', 3) AS kind FROM outbox_log"
_QUARANTINED = "SELECT stream_seq, body_sha256, reason FROM quarantined_messages"
_DEAD = "SELECT event_id, reason FROM dead_letters WHERE settled IS NULL"
_UNPUBLISHABLE = "SELECT event_id, reason FROM outbox_dead"


@dataclass(frozen=True, slots=True)
class Published:
    """A fact by the log of its service."""

    event_id: UUID
    kind: str


def files_and_ledgers(undisturbed: Outcome, disturbed: Outcome) -> list[str]:
    """The payroll files to the byte, and the ledgers' sums."""
    found = [
        f"the payroll file of {month} differs from the undisturbed run's"
        for month, file in undisturbed.files.items()
        if disturbed.files[month] != file
    ]
    lines = undisturbed.sums.keys() | disturbed.sums.keys()
    differing = [line for line in sorted(lines) if undisturbed.sums.get(line) != disturbed.sums.get(line)]
    found += [
        f"{' '.join(line)}: {disturbed.sums.get(line, 0)} instead of {undisturbed.sums.get(line, 0)} minor units"
        for line in differing[:SHOWN_MAX]
    ]
    return found + ([f"… and {len(differing) - SHOWN_MAX} more lines"] if len(differing) > SHOWN_MAX else [])


def as_much_was_said(undisturbed: Outcome, disturbed: Outcome) -> list[str]:
    """Each request and each delivery said its facts once: as many of each kind about each lead and person."""
    said = sorted(undisturbed.said.keys() | disturbed.said.keys())
    return [
        f"{' '.join(what)} was said {disturbed.said.get(what, 0)} times instead of {undisturbed.said.get(what, 0)}"
        for what in said
        if disturbed.said.get(what, 0) != undisturbed.said.get(what, 0)
    ][:SHOWN_MAX]


async def deliveries_took_effect_once(stack: LinkedStack, department: PatientDepartment) -> list[str]:
    """Every delivery that was answered 2xx is kept once and has said its facts once."""
    rows = await rows_of(stack, "handoff-bus", _DELIVERIES)
    kept = Counter((row["source"], row["dedupe_key"]) for row in rows)
    states = {(row["source"], row["dedupe_key"]): row["state"] for row in rows}
    found = [f"{source} {key} was accepted and is not kept" for source, key in department.accepted - kept.keys()]
    found += [f"{source} {key} is kept {times} times" for (source, key), times in kept.items() if times > 1]
    unsettled = Counter(state for state in states.values() if state in {"received", "parked"})
    found += [f"{number} deliveries are still {state}" for state, number in unsettled.items()]
    return found[:SHOWN_MAX]


async def facts_were_handled(stack: LinkedStack) -> list[str]:
    """What a service published was handled once by every service that hears its kind."""
    published = [fact for service in SERVICES for fact in await _published(stack, service)]
    found = []
    for service in SERVICES:
        handled = {row["event_id"] for row in await rows_of(stack, service, "SELECT event_id FROM inbox")}
        heard = {fact.kind for fact in published if fact.event_id in handled}
        missing = [fact for fact in published if fact.kind in heard and fact.event_id not in handled]
        found += [f"{service} never handled {fact.kind} {fact.event_id}" for fact in missing[:SHOWN_MAX]]
    return found


async def only_poison_was_set_aside(stack: LinkedStack, poison: Poison) -> list[str]:
    """No dead letter, and in quarantine nothing but what was spilled."""
    found = []
    for service in SERVICES:
        for statement in (_DEAD, _UNPUBLISHABLE):
            found += [
                f"{service} gave up {row['event_id']}: {row['reason']}"
                for row in await rows_of(stack, service, statement)
            ]
        found += [
            f"{service} has message {row['stream_seq']} in quarantine: {row['reason']}"
            for row in await rows_of(stack, service, _QUARANTINED)
            if row["body_sha256"] not in poison.spilled
        ]
    return found[: 2 * SHOWN_MAX]


async def chains_verify(department: PatientDepartment) -> list[str]:
    """Each stage's journal hashes to what it says."""
    answers = {stage: await department.ask(stage, "/bonus-entries/verification") for stage in STAGES.values()}
    return [f"the chain of {stage} is broken: {answer}" for stage, answer in answers.items() if not answer["valid"]]


def answers_were_excused(department: PatientDepartment) -> list[str]:
    """Whoever asked during the troubles was answered or told to come again; nobody got a failure without a name."""
    return [f"answered without an excuse: {each}" for each in department.unexcused[:SHOWN_MAX]]


async def _published(stack: LinkedStack, service: str) -> list[Published]:
    rows = await rows_of(stack, service, _LOG)
    return [Published(row["event_id"], f"{service} {row['kind']}") for row in rows]


async def rows_of(stack: LinkedStack, service: str, statement: str) -> list[asyncpg.Record]:
    """What a service's database answers."""
    session = await asyncpg.connect(stack.database_urls(service).app)
    try:
        found: list[asyncpg.Record] = await session.fetch(statement)
        return found
    finally:
        await session.close()
