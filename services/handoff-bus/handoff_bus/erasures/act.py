"""What an act of destruction says beside whom it is about: Roskomnadzor order 179 of 28.10.2022, item 3. Pure.

The law asks for the state of the day: an operator may move or be renamed later. So all of it is copied into the record.
"""

from dataclasses import dataclass
from typing import Any

from conveyor.kit.refusals import Refusal
from handoff_bus.erasures.parties import Party, Responsible
from handoff_bus.settings import BusSettings

METHOD = (
    "deletion of rows and overwriting of fields in the databases of the services, purge of the messages from the stream"
)
"""The way of destruction, item 3 of the order; a release that changes it changes the words."""


class OperatorNotConfigured(Refusal):
    """The record would lack what the law asks for; `missing` names the settings to set. Nothing was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who answers for the data, who else processes it, in which system, who destroys it, and how."""

    operator: Party
    processors: tuple[Party, ...]
    responsible: Responsible
    system: str
    method: str = METHOD

    def columns(self) -> dict[str, Any]:
        """The same as the record keeps it."""
        return {
            "operator_name": self.operator.name,
            "operator_address": self.operator.address,
            "processors": [each.model_dump() for each in self.processors],
            "responsible_name": self.responsible.full_name,
            "responsible_position": self.responsible.position,
            "system": self.system,
            "method": self.method,
        }


def act_of(settings: BusSettings | None, *, responsible: Responsible | None = None) -> Act:
    """The act as it stands now; `responsible` of the order goes before the one of the settings.

    Raises OperatorNotConfigured.
    """
    missing = missing_of(settings)
    if responsible is not None:
        missing = [each for each in missing if "_RESPONSIBLE_" not in each]
    if settings is None or missing:
        detail = f"Set {', '.join(missing)}: the record of an erasure has to name them. Nothing was erased."
        raise OperatorNotConfigured(detail, missing=missing)
    return Act(
        operator=Party(name=settings.operator_name or "", address=settings.operator_address or ""),
        processors=settings.processors,
        responsible=responsible
        or Responsible(full_name=settings.responsible_name or "", position=settings.responsible_position or ""),
        system=settings.personal_data_system,
    )


def missing_of(settings: BusSettings | None) -> list[str]:
    """Variables that have to be set before anybody can be erased."""
    needed = ("operator_name", "operator_address", "responsible_name", "responsible_position")
    return [f"CONVEYOR_HANDOFF_BUS_{name.upper()}" for name in needed if getattr(settings, name, None) is None]
