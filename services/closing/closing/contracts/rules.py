"""Contracts and the names they claim. Pure."""

from collections.abc import Iterable, Sequence

from conveyor.contracts.values import Reference
from conveyor.kit.refusals import Invalid, Refusal

# These name one deal; the others name the company behind it and may stand on several of its deals.
SYSTEMS_OF_ONE_DEAL = frozenset({"contract", "invoice"})


class ContractAlreadySigned(Refusal):
    """This contract of the deal was recorded already."""


class ContractNumberTaken(Refusal):
    """Another deal has a contract of this number."""


class ReferenceTaken(Refusal):
    """Another deal is known by one of these references."""


class DealWithoutContract(Refusal):
    """The deal has no contract yet; signing one offers the lead to account."""


class HandoffStillStands(Refusal):
    """Account has this lead, or its offer is still open."""


def names_of_contract(number: str, references: Iterable[Reference]) -> list[Reference]:
    """The number itself first, then the other references, each once. A lead id needs no announcement: Invalid."""
    own = Reference(system="contract", value=number)
    named = list(references)
    for position, reference in enumerate(named):
        if reference.system == "lead_id":
            pointer = f"/references/{position}/system"
            raise Invalid.field(pointer, "a lead is known by its own id anyway")
    return list(dict.fromkeys([own, *named]))


def names_one_deal(reference: Reference) -> bool:
    """Whether a payment under this name belongs to one certain deal."""
    return reference.system in SYSTEMS_OF_ONE_DEAL


def refuse_taken(*, number: str, taken: Sequence[tuple[str, str]]) -> None:
    """Names of one deal that another deal holds already."""
    if ("contract", number) in taken:
        raise ContractNumberTaken
    if taken:
        raise ReferenceTaken
