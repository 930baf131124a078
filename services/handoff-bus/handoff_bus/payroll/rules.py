"""When the file for payroll is complete. Pure.

Source: SURFACE: one file over the three services' batches, never a partial one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from conveyor.contracts.registry import STAGES
from conveyor.kit.refusals import Refusal

BatchState = Literal["missing", "arriving", "complete"]
Outcome = Literal["acknowledged", "paid", "rejected"]
PayoutState = Literal["frozen", "acknowledged", "paid"]


class PayrollIncomplete(Refusal):
    """The batches of these services are not all here yet; there is no partial file."""


class PayrollDamaged(Refusal):
    """A batch's rows do not give the control hash it was frozen with; look at the facts of this batch."""


@dataclass(frozen=True, slots=True)
class BatchArrival:
    """How much of a batch has come: the numbers of its parts, of the `parts` announced."""

    batch_id: str
    service: str
    number: int
    parts: int
    parts_here: Collection[int]
    outcomes: Collection[Outcome] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every part from 1 on is here."""
        return set(self.parts_here) >= set(range(1, self.parts + 1))

    @property
    def payout(self) -> PayoutState:
        """What payroll did with it."""
        if "paid" in self.outcomes:
            return "paid"
        return "acknowledged" if "acknowledged" in self.outcomes else "frozen"


def latest_by_service(batches: Iterable[BatchArrival]) -> dict[str, BatchArrival]:
    """The live batch of each service: the last one unless it was rejected, then there is none until its successor."""
    latest: dict[str, BatchArrival] = {}
    for batch in sorted(batches, key=lambda batch: batch.number):
        latest[batch.service] = batch
    return {service: batch for service, batch in latest.items() if "rejected" not in batch.outcomes}


def state_of(batch: BatchArrival | None) -> BatchState:
    """What is to be said of one service's batch."""
    if batch is None:
        return "missing"
    return "complete" if batch.is_complete else "arriving"


def complete_batches(batches: Iterable[BatchArrival]) -> list[BatchArrival]:
    """The three batches of the file. Raises PayrollIncomplete naming the services that are not there yet."""
    latest = latest_by_service(batches)
    lacking = [service for service in STAGES if state_of(latest.get(service)) != "complete"]
    if lacking:
        raise PayrollIncomplete(services=lacking)
    return [latest[service] for service in STAGES]
