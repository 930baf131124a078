"""Where a lead stands on the line and whose it is, from the set of facts about it, in whatever order. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from conveyor.contracts.values import Stage
from handoff_bus.fetching.rules import PATIENCE, wait_before

Position = Literal["telemarketing", "closing", "won", "lost", "account"]
"""The stage that holds the lead; of closing also how its deal ended."""

WriteState = Literal["due", "settled", "failed"]
Outcome = Literal["written", "again", "refused", "gone"]
KEPT = timedelta(days=30)
"""How long an attempt can be looked up."""

Fields = dict[str, Any]
Groups = dict[str, Fields]
"""The fields of a CRM that say the stage, and those that say the owner, as `stage` and `owner`; what has no words there
is missing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A fact about a lead's place on the line."""

    event_id: UUID
    stage: Stage
    position: Position | None
    names_owner: bool
    owner_id: UUID | None
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of a lead now. `changes_at` is when its owner changes by what is known already."""

    position: Position
    owner_id: UUID | None
    changes_at: datetime | None = None


def standing_of(facts: Collection[Moved], *, now: datetime) -> Standing:
    """What these facts say of this moment.

    The owner is that of the stage that holds the lead. A lead that was only entered is with telemarketing.
    """
    in_order = sorted(facts, key=lambda fact: (fact.at, fact.recorded_at, fact.event_id))
    begun = [fact for fact in in_order if fact.at <= now]
    last = next((fact for fact in reversed(begun) if fact.position), None)
    stage: Stage = last.stage if last else "telemarketing"
    named = next((fact for fact in reversed(begun) if fact.names_owner and fact.stage == stage), None)
    return Standing(
        position=last.position if last and last.position else "telemarketing",
        owner_id=named.owner_id if named else None,
        changes_at=next((fact.at for fact in in_order if fact.at > now), None),
    )


def still_to_write(wanted: Groups, written: Mapping[str, Any], *, thing: str) -> Groups:
    """The groups that differ from what the CRM took last. Another thing of the same lead knows nothing yet."""
    known = written.get("groups", {}) if written.get("thing") == thing else {}
    return {name: fields for name, fields in wanted.items() if known.get(name) != fields}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: `again` for what may pass, `refused` and `gone` for what will not; `detail` for people."""

    outcome: Outcome
    detail: str | None = None
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What follows: no `next_at` means that nothing is tried by itself."""

    state: WriteState
    reason: str | None = None
    next_at: datetime | None = None


def next_of(
    result: Result, *, attempts: int, failing_since: datetime, changes_at: datetime | None, jitter: float, now: datetime
) -> Next:
    """After the `attempts`-th call in a row; `jitter` lies in [0, 1)."""
    if result.outcome == "written":
        return quiet(changes_at)
    if result.outcome != "again":
        return Next("failed", "refused" if result.outcome == "refused" else "gone_at_source")
    if now - failing_since > PATIENCE:
        return Next("failed", "not_written")
    wait = wait_before(attempts, jitter=jitter, retry_after_seconds=result.retry_after_seconds)
    return Next("due", "tried_again", now + wait)


def quiet(changes_at: datetime | None) -> Next:
    """Nothing is to be written until the lead moves, or until its next owner's day."""
    return Next("due", "changes_later", changes_at) if changes_at else Next("settled")
