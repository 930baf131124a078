"""What a reference is, whose lead one may see, who may work on it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from conveyor.contracts.values import Company, Contact, IdentifiedContact, Mechanics, Reference
from conveyor.kit.refusals import FieldError, Forbidden, Invalid, NotFound, Refusal

SHARED_SYSTEMS: Final = frozenset({"phone", "email"})
"""References that several leads may have in common; every other one belongs to one lead (DESIGN, References)."""

_SHORTEST_PHONE_DIGITS: Final = 5
_RUSSIAN_PHONE_DIGITS: Final = 11


class ReferenceTaken(Refusal):
    """One of the references belongs to another lead already."""


class LeadIsErased(Refusal):
    """The people of this lead are erased; nothing is recorded of it any more."""


class LeadOwnedByAnother(Refusal):
    """The lead is in the hands of another employee."""


@dataclass(frozen=True, slots=True)
class LeadDraft:
    """A lead as somebody describes it, before it is on the line. `references` are complete: see `all_references`."""

    lead_id: UUID
    company: Company
    contacts: tuple[IdentifiedContact, ...]
    channel: str
    campaign: str | None
    mechanics: Mechanics
    segment: str | None
    references: tuple[Reference, ...]


def match_key(reference: Reference) -> str | None:
    """The reference's value without differences of spelling; None when nothing can be matched by it.

    Phones keep their digits, a Russian trunk prefix 8 becomes 7; e-mails ignore case.
    """
    value = reference.value.strip()
    if reference.system == "phone":
        digits = "".join(filter(str.isdecimal, value))
        if len(digits) == _RUSSIAN_PHONE_DIGITS and digits.startswith("8"):
            digits = f"7{digits[1:]}"
        return digits if len(digits) >= _SHORTEST_PHONE_DIGITS else None
    if reference.system == "email":
        return value.casefold() if "@" in value else None
    return value or None


def all_references(
    *, company: Company, contacts: Iterable[Contact], references: Sequence[Reference]
) -> tuple[Reference, ...]:
    """The named references with the company's inn and the contacts' phones and e-mails, each once, as first spelled."""
    named = list(references)
    if company.inn is not None:
        named.append(Reference(system="inn", value=company.inn))
    for contact in contacts:
        if contact.phone is not None:
            named.append(Reference(system="phone", value=contact.phone))
        if contact.email is not None:
            named.append(Reference(system="email", value=contact.email))
    first_spelled: dict[tuple[str, str], Reference] = {}
    for reference in named:
        key = match_key(reference)
        if key is not None:
            first_spelled.setdefault((reference.system, key), reference)
    return tuple(first_spelled.values())


def check_references(references: Sequence[Reference]) -> None:
    """Raises Invalid for a reference that names a lead directly or that nothing can be matched by."""
    errors = [
        FieldError(f"/references/{index}", "cannot be matched")
        for index, reference in enumerate(references)
        if reference.system == "lead_id" or match_key(reference) is None
    ]
    if errors:
        raise Invalid(errors=errors)


def may_see_lead(*, role: str, employee_id: UUID | None, owner_id: UUID | None) -> bool:
    """An SDR sees his own leads and those of nobody; every other role that may read leads sees all."""
    return role != "sdr" or owner_id is None or owner_id == employee_id


def check_sees_lead(*, role: str, employee_id: UUID | None, owner_id: UUID | None) -> None:
    """Raises NotFound for a peer's lead, so that it does not even tell that the lead is there."""
    if not may_see_lead(role=role, employee_id=employee_id, owner_id=owner_id):
        raise NotFound


def check_may_own(*, role: str, employee_id: UUID | None, owner_id: UUID | None) -> None:
    """An SDR may make himself the owner, or nobody. Raises Forbidden when he names a peer."""
    if role == "sdr" and owner_id not in {None, employee_id}:
        raise Forbidden
