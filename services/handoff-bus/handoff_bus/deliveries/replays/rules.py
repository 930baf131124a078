"""What a replay may be asked for. Pure."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from conveyor.kit.http.models import BusinessInstant, RequestModel
from handoff_bus.deliveries.search import DeliverySearch, DeliveryState

DELIVERIES_MAX = 1000
UNASKED: tuple[DeliveryState, ...] = ("parked", "quarantined")
"""What a stretch of time means without a state: not what a person rejected, nor what is published."""


class ReplayRequest(RequestModel):
    """These deliveries, or those of `[received_from, received_until)` for which all that is given holds.

    A stretch of time without a `state` means parked and quarantined ones. What became a fact stays as it is.
    """

    delivery_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=DELIVERIES_MAX)
    received_from: BusinessInstant | None = None
    received_until: BusinessInstant | None = None
    state: DeliveryState | None = None
    source: str | None = Field(default=None, max_length=63)
    type: str | None = Field(default=None, max_length=100)
    reason: str | None = Field(default=None, max_length=100)
    reference: str | None = Field(default=None, max_length=600)

    @model_validator(mode="after")
    def _names_deliveries_or_a_time(self) -> Self:
        is_range = self.received_from is not None and self.received_until is not None
        if (self.delivery_ids is None) != is_range:
            msg = "give either delivery_ids, or received_from and received_until"
            raise ValueError(msg)
        return self

    def search(self) -> DeliverySearch:
        """The same as a search; a stretch of time without a state still needs `UNASKED`."""
        return DeliverySearch(
            state=self.state,
            source=self.source,
            type=self.type,
            reason=self.reason,
            received_from=self.received_from,
            received_until=self.received_until,
            reference=self.reference,
        )


def counted(outcomes: Mapping[str, int], states: list[str]) -> dict[str, int]:
    """The outcomes with these states added."""
    new = dict(outcomes)
    for state in states:
        new[state] = new.get(state, 0) + 1
    return new


def as_asked(request: ReplayRequest) -> dict[str, Any]:
    """The request as it is kept and shown."""
    return request.model_dump(mode="json", exclude_none=True)
