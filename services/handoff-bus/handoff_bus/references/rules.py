"""How names of leads are compared, and who may share one. Pure.

Source: DESIGN, section 2, Identity: contract, invoice, INN and CRM references belong to one lead; phone and e-mail may
be shared.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from conveyor.contracts.values import Company, Contact, Reference

SHARED_SYSTEMS = frozenset({"phone", "email"})
_NOT_DIGITS = re.compile(r"[^0-9]")


def is_exclusive(system: str) -> bool:
    """Whether a name of this system belongs to one lead only."""
    return system not in SHARED_SYSTEMS


def normal_value(*, system: str, value: str) -> str:
    """The form in which a name is stored and compared; empty when nothing of it is usable.

    Phones: digits only, a Russian 11-digit number beginning with 8 begins with 7. E-mails: lower case. INN: digits.
    Everything else: trimmed, the case kept.
    """
    trimmed = value.strip()
    if system == "phone":
        digits = _NOT_DIGITS.sub("", trimmed)
        return f"7{digits[1:]}" if len(digits) == 11 and digits.startswith("8") else digits
    if system == "inn":
        return _NOT_DIGITS.sub("", trimmed)
    return trimmed.lower() if system in {"email", "lead_id"} else trimmed


@dataclass(frozen=True, slots=True)
class Claim:
    """A lead is known by this name (in normal form), maybe one of its deals."""

    system: str
    value: str
    lead_id: UUID
    deal_id: UUID | None = None

    @property
    def name(self) -> tuple[str, str]:
        """System and value."""
        return self.system, self.value


def new_claims(
    claims: Iterable[Claim], holders: Mapping[tuple[str, str], Collection[UUID]]
) -> list[tuple[Claim, bool]]:
    """The claims that are not known yet, each with whether it is granted; in the order they were made.

    `holders` are the leads that hold each name already. The first claim on an exclusive name wins.
    """
    known = {name: set(leads) for name, leads in holders.items()}
    decided: list[tuple[Claim, bool]] = []
    seen = {(name, lead) for name, leads in known.items() for lead in leads}
    for claim in claims:
        if (claim.name, claim.lead_id) in seen:
            continue
        seen.add((claim.name, claim.lead_id))
        taken = known.setdefault(claim.name, set())
        granted = not (taken and is_exclusive(claim.system))
        if granted:
            taken.add(claim.lead_id)
        decided.append((claim, granted))
    return decided


def claims_of(
    lead_id: UUID,
    references: Iterable[Reference],
    *,
    deal_id: UUID | None = None,
    company: Company | None = None,
    contacts: Iterable[Contact] = (),
) -> list[Claim]:
    """Every usable name in these: references, the company's INN, phones and e-mails of its people; no `lead_id`."""
    names = [(reference.system, reference.value) for reference in references if reference.system != "lead_id"]
    if company is not None and company.inn is not None:
        names.append(("inn", company.inn))
    for contact in contacts:
        names += [("phone", contact.phone)] if contact.phone else []
        names += [("email", contact.email)] if contact.email else []
    normal = dict.fromkeys((system, normal_value(system=system, value=value)) for system, value in names)
    return [Claim(system, value, lead_id, deal_id) for system, value in normal if value]
