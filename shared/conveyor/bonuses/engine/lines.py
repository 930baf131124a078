"""What the engine says: lines of money, and absences, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol
from uuid import UUID

from conveyor.bonuses.engine.explanation import Explanation, JsonValue
from conveyor.kit.money import Money

BonusRole = Literal["sdr", "ae", "am"]
Timing = Literal["at_once", "at_close"]
LineKey = tuple[str, str, UUID | None, UUID, str]


class Reason(Protocol):
    """Knows how a line came about. The explanation is built only when somebody asks."""

    def explanation(self) -> Explanation:
        """The whole derivation, enough to recompute the line without the engine."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one employee's pay; negative when a refund takes back, never zero.

    `cause` is the stable identity: `payment:<source>:<payment_id>`, `refund:<source>:<refund_id>`, `fact:<fact_id>`,
    `month:2025-09`, `quarter:2025-Q4`. `cause_id` is what payroll shows. `timing` says when the ledger takes it:
    at once, or at the closing of the month of `earned_on`. Lines are equal when everything but the reason is.
    """

    role: BonusRole
    component: str
    plan_code: str
    plan_version: int
    employee_id: UUID
    lead_id: UUID | None
    cause: str
    cause_id: str
    earned_on: date
    amount: Money
    timing: Timing
    reason: Reason = field(compare=False, repr=False)

    @property
    def key(self) -> LineKey:
        """(component, cause, lead, employee, currency): one line per key in an evaluation."""
        return (self.component, self.cause, self.lead_id, self.employee_id, self.amount.currency)

    @property
    def explanation(self) -> Explanation:
        """Built on demand; see `Explanation.to_json`."""
        return self.reason.explanation()


class Why(Protocol):
    """Says why a line is not there. The words are made only when somebody asks."""

    @property
    def text(self) -> str:
        """An English sentence."""
        ...

    @property
    def details(self) -> Mapping[str, JsonValue]:
        """The sentence's values for machines, JSON-able."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """Words at hand."""

    text: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)


ReasonCode = Literal[
    "no_deal",
    "no_owner",
    "handoff_not_accepted",
    "nobody_booked",
    "not_first_deal",
    "plan_not_assigned",
    "no_plan_version",
    "not_paying_month",
    "pause_of_a_month",
    "month_wholly_refunded",
    "other_client_age",
    "cap_exhausted",
    "rounds_to_zero",
    "withdrawn",
    "gate_closed",
    "client_too_young",
    "below_threshold",
    "no_payment",
    "plan_in_other_currency",
    "not_confirmed",
    "held",
    "no_quota",
    "no_tier",
    "ramp_pays_nothing",
    "not_in_a_chain",
    "refund_exceeds_payment",
    "refund_in_other_currency",
    "payment_unknown",
]


@dataclass(frozen=True, slots=True)
class Absence:
    """A line that is not there, and why. None in a field means: of any (no component can be named without a plan).

    `cause` and `cause_id` are as in `Line`. Codes `refund_…` and `payment_unknown` report what the engine could
    not take as it came. Absences are equal when everything but the words is.
    """

    role: BonusRole
    component: str | None
    employee_id: UUID | None
    lead_id: UUID | None
    cause: str | None
    cause_id: str
    earned_on: date
    reason_code: ReasonCode
    why: Why = field(compare=False, repr=False)

    @property
    def text(self) -> str:
        """An English sentence."""
        return self.why.text

    @property
    def details(self) -> Mapping[str, JsonValue]:
        """The sentence's values for machines, JSON-able."""
        return self.why.details


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Lines and absences in an order that depends on the facts alone."""

    lines: tuple[Line, ...] = ()
    absences: tuple[Absence, ...] = ()

    def __add__(self, other: "Evaluation") -> "Evaluation":
        return Evaluation(self.lines + other.lines, self.absences + other.absences)
