"""Facts of the account stage."""

from uuid import UUID

from pydantic import AwareDatetime

from conveyor.contracts.envelope import Fact


class ClientOpened(Fact):
    """A lead became a client in somebody's care; `employee_id` owns it from the envelope's `time`."""

    lead_id: UUID
    handoff_id: UUID
    employee_id: UUID


class ClientOwnerChanged(Fact):
    """From `from_at` on the client belongs to `employee_id`. `revision` grows with each change of this client."""

    lead_id: UUID
    revision: int
    employee_id: UUID
    from_at: AwareDatetime
