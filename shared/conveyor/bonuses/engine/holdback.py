"""When a held part of a line is credited."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Said
from conveyor.bonuses.engine.selection import NotSelected
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.plans.modifiers import Holdback


@dataclass(frozen=True, slots=True)
class Release:
    """The day from which the held part is credited, and the fact that released it, if it was one."""

    on: date
    fact_id: UUID | None
    why: str


def release_of(
    holdback: Holdback, settled: SettledPayment, deal: DealMatch | None, view: LeadView
) -> Release | NotSelected:
    """When the part is released; NotSelected says what it still waits for. Never before the payment's own day."""
    if holdback.days is not None:
        return Release(settled.day + timedelta(days=holdback.days), None, f"{holdback.days} days after the payment")
    if holdback.payments is not None:
        return _by_payments(holdback.payments, settled, view)
    return _by_contract(settled, deal, view)


def _by_payments(count: int, settled: SettledPayment, view: LeadView) -> Release | NotSelected:
    standing = [item for item in view.payments if not item.wholly_refunded]
    if len(standing) < count:
        text = f"held until the client's payment number {count}; {len(standing)} came so far"
        return NotSelected("held", Said(text, {"payments": count, "came": len(standing)}))
    released = standing[count - 1]
    return Release(max(settled.day, released.day), released.payment.fact_id, f"the client's payment number {count}")


def _by_contract(settled: SettledPayment, deal: DealMatch | None, view: LeadView) -> Release | NotSelected:
    signed = [item for item in view.deals.contracts if deal is not None and item.deal_id == deal.deal_id]
    if not signed:
        return NotSelected("held", Said("held until the deal's contract is signed"))
    first = signed[0]
    return Release(max(settled.day, view.calendar.day_of(first.signed_at)), first.fact_id, "the contract was signed")
