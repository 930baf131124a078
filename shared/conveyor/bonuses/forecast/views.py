"""A forecast as it is answered."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from conveyor.bonuses.forecast.rules import ProspectKind
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class ProspectView(AnswerModel):
    """One thing that is pending; `amount` is what is at stake as known now, for payments: of the example in `of`."""

    kind: ProspectKind
    component: str
    lead: str | None
    lead_id: UUID | None
    amount: WireMoney
    text: str
    details: dict[str, Any]


class ForecastView(AnswerModel):
    """What an employee may still earn. `truncated` says that more is pending than is shown."""

    employee_id: UUID
    at: datetime
    lang: Literal["en", "ru"]
    items: list[ProspectView]
    truncated: bool
