"""What one transaction learned: rows to insert and scopes to evaluate, gathered by its handlers for the end of it.

A batch of two hundred payments so becomes one insert, one load and one comparison.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from conveyor.contracts.envelope import Fact
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event
from conveyor.roster.changes import ChangedChain

_NOTE = "bonuses.gathered"


@dataclass(slots=True)
class Gathered:
    """Rows and scopes; `everything` is set by what concerns every lead, such as another calendar."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    names: dict[UUID, tuple[int, int, str]] = field(default_factory=dict)
    leads: set[UUID] = field(default_factory=set)
    work_times: set[tuple[UUID, datetime]] = field(default_factory=set)
    """(employee, instant) of calls and work: the person-months they lie in, once the calendar is read."""
    employees: set[UUID] = field(default_factory=set)
    chains: list[ChangedChain] = field(default_factory=list)
    everything: bool = False

    @property
    def concerns_pay(self) -> bool:
        """Whether anything has to be evaluated again."""
        return bool(self.leads or self.work_times or self.employees or self.chains or self.everything)

    def fact(
        self,
        event: Event[Any],
        *,
        identity: str,
        lead_id: UUID,
        body: Fact,
        employee_id: UUID | None = None,
        occurred_at: datetime | None = None,
    ) -> None:
        """A fact of a lead; `occurred_at` is the business time when the fact carries its own, else the envelope's."""
        self.facts.append(
            {
                "kind": event.kind.name,
                "identity": identity,
                "lead_id": lead_id,
                "employee_id": employee_id,
                "occurred_at": occurred_at or event.occurred_at,
                "event_id": event.id,
                "body": body.model_dump(mode="json", exclude={"note"}),
            }
        )
        self.leads.add(lead_id)

    def name(self, lead_id: UUID, *, precedence: int, version: int, name: str) -> None:
        """What the company is called according to one announcement."""
        announced = (precedence, version, name)
        self.names[lead_id] = max(announced, self.names.get(lead_id, announced))


def gathered_in(tx: Transaction) -> Gathered:
    """The gathering of this transaction, begun on first use."""
    found: Gathered | None = tx.notes.get(_NOTE)
    if found is None:
        found = tx.notes[_NOTE] = Gathered()
    return found


def taken_from(tx: Transaction) -> Gathered:
    """The gathering, which is over with this."""
    found: Gathered | None = tx.notes.pop(_NOTE, None)
    return found or Gathered()
