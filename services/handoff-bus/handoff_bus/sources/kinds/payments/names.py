"""Which lead a payment is about: the names that the payer's order carries.

What is exclusive goes before what people share: a lead's id, contract, invoice, INN, the order's number; only a payment
without any of these is looked for by e-mail or phone. One that names nobody is named by its own id as an invoice, so
that it waits in sight and a person, or a reference announced later, can match it.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints, ValidationError

from conveyor.contracts.values import Reference
from handoff_bus.references.rules import is_exclusive, normal_value
from handoff_bus.sources.kinds.payments.bodies import word

SYSTEMS = ("lead_id", "contract", "invoice", "inn", "email", "phone")
OrderSystem = Annotated[str, StringConstraints(max_length=80, pattern=r"^(contract|invoice|crm:[A-Za-z0-9_.-]+)$")]
"""What the number of an order is in our words (setting `order_is`)."""


def names_in(fields: Mapping[str, Any]) -> list[Reference]:
    """The names in a provider's free fields (metadata, Data, Shp_…), whose keys are our systems in any case."""
    lowered = {key.lower(): value for key, value in fields.items()}
    return [name for system in SYSTEMS if (name := reference(system, lowered.get(system))) is not None]


def reference(system: str, value: object) -> Reference | None:
    """A usable name, or None."""
    text = word(value)
    try:
        if not normal_value(system=system, value=text):
            return None
        if system == "lead_id":
            text = str(UUID(text))
        return Reference(system=system, value=text)
    except (ValidationError, ValueError):
        return None


def in_order(names: Iterable[Reference | None], *, payment_id: str) -> tuple[Reference, ...]:
    """Every name once, in the order in which they decide; never empty."""
    found = list(dict.fromkeys(name for name in names if name is not None))
    exclusive = [name for name in found if is_exclusive(name.system)]
    return tuple(exclusive or found) or (Reference(system="invoice", value=payment_id),)
