"""The fact that ties outside names to leads. Whoever learns a reference announces it; the bus correlates by it."""

from uuid import UUID

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import Reference


class ReferenceAssigned(Fact):
    """An outside system knows this lead (and, for a contract or an invoice, this deal) by `reference`."""

    lead_id: UUID
    reference: Reference
    deal_id: UUID | None = None
