"""What a subscription may ask for. Pure."""

from collections.abc import Sequence
from typing import Literal

from conveyor.contracts.payroll import PayoutBatchPart
from conveyor.contracts.registry import FACT_KINDS, FactKind
from conveyor.kit.refusals import FieldError, Invalid, Refusal
from handoff_bus.outbound.rules import url_error

SUBSCRIPTIONS_MAX = 100
"""Together with the places of a lane this bounds the calls under way at once."""

SubscriptionState = Literal["enabled", "disabled", "ended"]
DisabledReason = Literal["by_hand", "failing", "gone"]

# Parts of one payout batch mean nothing to anybody but the bus, which puts them together.
OFFERED: dict[str, FactKind] = {kind.code: kind for kind in FACT_KINDS if kind.model is not PayoutBatchPart}


class TooManySubscriptions(Refusal):
    """There are as many subscriptions as the bus serves; end one first."""


class SubscriptionEnded(Refusal):
    """This subscription ended; make another one."""


def check_wishes(*, url: str | None, fact_types: Sequence[str] | None, private_allowed: bool) -> None:
    """Raises Invalid naming what cannot be wished for; None is no wish."""
    errors = []
    if url is not None and (wrong := url_error(url, private_allowed=private_allowed)):
        errors.append(FieldError("/url", wrong))
    for index, name in enumerate(fact_types or ()):
        if name not in OFFERED:
            errors.append(FieldError(f"/fact_types/{index}", "is no fact, such as `payment_received.v1`"))
    if errors:
        raise Invalid(errors=errors)
