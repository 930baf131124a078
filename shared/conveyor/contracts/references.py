"""Facts that tie outside names to leads. Whoever learns a reference announces it; the bus correlates by it."""

from typing import Annotated
from uuid import UUID

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import PERSONAL, Reference, Text


class ReferenceAssigned(Fact):
    """An outside system knows this lead (and, for a contract or an invoice, this deal) by `reference`."""

    lead_id: UUID
    reference: Reference
    deal_id: UUID | None = None


class ReferenceAwarded(Fact):
    """A person decided that `reference`, which two leads claimed, is this lead's; until then it was `from_lead_id`'s.

    It counts from the envelope's `time` on: facts said under the name before stay with the other lead.
    """

    lead_id: UUID
    reference: Reference
    deal_id: UUID | None = None
    from_lead_id: UUID
    reason: Annotated[Text, PERSONAL]
