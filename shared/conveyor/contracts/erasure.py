"""Facts of erasing people and leads. They hold ids only, and no lead or person is their key: they outlive the purge."""

from typing import Literal
from uuid import UUID

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import Code, NonNegativeInt


class LeadErased(Fact):
    """Everything personal about this lead has to go: names, contacts, outside names, free words."""

    erasure_id: UUID
    lead_id: UUID


class PersonErased(Fact):
    """Everything personal about one person has to go: an employee who left, or a contact of the lead `lead_id`."""

    erasure_id: UUID
    kind: Literal["employee", "contact"]
    person_id: UUID
    lead_id: UUID | None = None


class ErasedRows(Fact):
    """How many rows of one kind a service blanked or removed."""

    what: Code
    rows: NonNegativeInt


class ErasureCarriedOut(Fact):
    """The service that says so has erased what it held, and will say nothing personal of it any more.

    `is_repeated`: it had erased all of it before, and repeats its word because it was asked again.
    """

    erasure_id: UUID
    erased: tuple[ErasedRows, ...] = ()
    is_repeated: bool = False


class ErasuresReapplied(Fact):
    """Every erasure of the record was said again, because a database was restored from an older copy.

    There are `erasures` of them; `newest_id` is the last one's, none when the record is empty.
    """

    reapplication_id: UUID
    erasures: NonNegativeInt
    newest_id: UUID | None = None
