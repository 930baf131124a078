"""Offer a won lead to account with everything its next person needs, within the caller's transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from closing.contracts.tables import AccountOffer
from closing.deals.queries import criteria_of
from closing.deals.tables import Deal
from closing.meetings.queries import meetings_of
from conveyor.contracts.handoffs import HandoffOffered
from conveyor.contracts.values import CriterionAnswer, TouchSummary
from conveyor.handoffs.queries import offer_of
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Transaction, lock
from conveyor.kit.ids import new_id


async def offer_to_account(
    tx: Transaction, *, deal: Deal, contract_number: str, offered_by: UUID, offered_at: datetime
) -> UUID | None:
    """The new handoff's id; None when one of this lead is open or accepted already: account has it then."""
    await lock(tx, "account-offer", str(deal.lead_id))
    standing = await tx.session.scalar(
        select(AccountOffer.handoff_id).where(
            AccountOffer.lead_id == deal.lead_id, AccountOffer.state.in_(("offered", "accepted"))
        )
    )
    if standing is not None:
        return None
    offer = AccountOffer(
        handoff_id=new_id(),
        lead_id=deal.lead_id,
        deal_id=deal.deal_id,
        contract_number=contract_number,
        state="offered",
        offered_at=offered_at,
    )
    tx.session.add(offer)
    tx.say(await _everything(tx.session, deal=deal, offer=offer, offered_by=offered_by), occurred_at=offered_at)
    return offer.handoff_id


async def _everything(session: AsyncSession, *, deal: Deal, offer: AccountOffer, offered_by: UUID) -> HandoffOffered:
    received = offer_of(await session.get_one(ReceivedHandoff, deal.handoff_id))
    criteria = [
        CriterionAnswer(code=one.code, answer=one.answer, evidence=one.evidence)
        for one in await criteria_of(session, deal.deal_id)
    ]
    meetings = [
        TouchSummary(kind=f"meeting_{meeting.state}", occurred_at=meeting.outcome_at, employee_id=meeting.outcome_by)
        for meeting in await meetings_of(session, deal.deal_id)
        if meeting.outcome_at is not None and meeting.outcome_by is not None
    ]
    return HandoffOffered(
        handoff_id=offer.handoff_id,
        lead_id=deal.lead_id,
        from_stage="closing",
        to_stage="account",
        offered_by=offered_by,
        company=received.company,
        contacts=received.contacts,
        needs=received.needs,
        criteria=tuple(criteria),
        touches=(*received.touches, *meetings),
        deal_id=deal.deal_id,
        contract_number=offer.contract_number,
        introduction_wanted=received.introduction_wanted,
    )
