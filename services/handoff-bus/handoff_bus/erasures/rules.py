"""What an erasure needs to be asked for. Pure."""

from datetime import date
from typing import Literal

from conveyor.kit.refusals import Refusal

Ground = Literal["consent_withdrawn", "purpose_reached", "unlawful_processing", "retention_ended", "order_of_authority"]
"""Why personal data has to go: Federal Law 152-FZ, articles 14, 20 and 21; GDPR, article 17 (1)."""

AskedBy = Literal["subject", "representative", "authority", "operator"]

CATEGORIES: dict[str, tuple[str, ...]] = {
    "lead": ("names", "positions", "telephone numbers", "e-mail addresses", "tax number", "notes", "recordings"),
    "contact": ("name", "position", "telephone numbers", "e-mail addresses", "notes", "recordings"),
    "employee": ("name", "telephone extensions", "e-mail addresses", "ids in other systems", "recordings"),
}
"""Categories of personal data by kind of subject, as an act of destruction lists them."""


class AlreadyErased(Refusal):
    """This one was erased before; its record is there."""


class EmployeeStillWorks(Refusal):
    """An employee can be erased from the day on which he left."""


class NobodyMayPurge(Refusal):
    """This installation has no user of the broker who may purge: set CONVEYOR_HANDOFF_BUS_ERASER_NATS_PASSWORD."""


def check_has_left(*, left_on: date | None, today: date) -> None:
    """Raises EmployeeStillWorks; his pay hangs on who he is."""
    if left_on is None or left_on > today:
        raise EmployeeStillWorks
