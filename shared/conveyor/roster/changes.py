"""What a transaction changed in the copy that the copy itself does not tell any more."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.kit.database import Transaction

_NOTE = "roster.chains"


@dataclass(frozen=True, slots=True)
class ChangedChain:
    """Who was in the chain before or is in it now, and the first day on which that may matter."""

    people: frozenset[UUID]
    since: date


def note_chain(tx: Transaction, changed: ChangedChain) -> None:
    """Remember a change for whoever asks later in this transaction."""
    tx.notes.setdefault(_NOTE, []).append(changed)


def taken_chains(tx: Transaction) -> list[ChangedChain]:
    """The changes since this was asked last in this transaction."""
    found: list[ChangedChain] = tx.notes.pop(_NOTE, [])
    return found
