"""Who is erased. Pure."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from conveyor.contracts.erasure import LeadErased, PersonErased
from conveyor.contracts.personal import Erased, Purge, pseudonym_of, purges_of

SubjectKind = Literal["lead", "contact", "employee"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A lead with all its people, one contact of a lead, or an employee. `subject_id` is the lead's or the person's."""

    kind: SubjectKind
    subject_id: UUID
    lead_id: UUID | None

    @property
    def key(self) -> str:
        """The key of the facts that may be about him."""
        return str(self.lead_id if self.kind == "contact" else self.subject_id)

    @property
    def erased(self) -> Erased:
        """What goes out of a fact."""
        contact_id = self.subject_id if self.kind == "contact" else None
        return Erased(pseudonym_of(self.subject_id), contact_id)

    @property
    def purges(self) -> tuple[Purge, ...]:
        """What goes out of the stream."""
        return purges_of(self.kind, self.key)

    @property
    def purged_facts(self) -> tuple[str, ...] | None:
        """Which facts of the key the stream loses altogether; None for every one."""
        if self.kind == "lead":
            return None
        return tuple(sorted({purge.fact for purge in self.purges if purge.fact and not purge.keep}))


def subject_of(fact: LeadErased | PersonErased) -> Subject:
    """The subject that the fact names."""
    if isinstance(fact, LeadErased):
        return Subject("lead", fact.lead_id, fact.lead_id)
    return Subject(fact.kind, fact.person_id, fact.lead_id)
