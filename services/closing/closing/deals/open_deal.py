"""Open the deal of an accepted handoff, within the acceptance's transaction."""

from uuid import UUID

from closing.deals.tables import Deal, DealCriterion
from closing.meetings.tables import DealMeeting
from conveyor.contracts.closing import DealOpened
from conveyor.handoffs.ownership.change_owner import change_owner
from conveyor.handoffs.ownership.rules import OwnedThing
from conveyor.handoffs.stage import Acceptance
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id


async def open_deal(tx: Transaction, acceptance: Acceptance) -> UUID:
    """The deal belongs to whoever accepted, from the acceptance on; the offer's meeting and criteria come with it."""
    offer = acceptance.offer
    deal_id = new_id()
    tx.session.add(
        Deal(
            deal_id=deal_id,
            lead_id=offer.lead_id,
            handoff_id=offer.handoff_id,
            company_name=offer.company.name,
            state="open",
            opened_at=acceptance.accepted_at,
            revision=1,
            recorded_at=tx.now,
        )
    )
    await tx.session.flush()
    _bring_along(tx, deal_id, acceptance)
    thing = OwnedThing(thing_id=deal_id, lead_id=offer.lead_id)
    await change_owner(tx, thing=thing, employee_id=acceptance.employee_id, from_at=acceptance.accepted_at)
    tx.say(
        DealOpened(
            deal_id=deal_id,
            lead_id=offer.lead_id,
            handoff_id=offer.handoff_id,
            employee_id=acceptance.employee_id,
        ),
        occurred_at=acceptance.accepted_at,
    )
    return deal_id


def _bring_along(tx: Transaction, deal_id: UUID, acceptance: Acceptance) -> None:
    offer = acceptance.offer
    for criterion in {one.code: one for one in offer.criteria}.values():
        tx.session.add(
            DealCriterion(
                deal_id=deal_id,
                code=criterion.code,
                answer=criterion.answer,
                evidence=criterion.evidence,
                employee_id=offer.offered_by,
                answered_at=acceptance.offered_at,
            )
        )
    if offer.meeting is not None:
        tx.session.add(
            DealMeeting(
                meeting_id=offer.meeting.meeting_id,
                deal_id=deal_id,
                state="planned",
                booked_by=offer.offered_by,
                booked_at=acceptance.offered_at,
                starts_at=offer.meeting.starts_at,
                place=offer.meeting.place,
            )
        )
