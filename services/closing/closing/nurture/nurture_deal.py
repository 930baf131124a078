"""Send a deal's lead back to telemarketing until a day: the deal is lost, the lead offered back."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from closing.deals.doing import Desk, Doing, deal_to_change
from closing.deals.queries import criteria_of
from closing.deals.rules import refuse_before_opening, refuse_loss
from closing.deals.tables import Deal
from closing.nurture.models import NurtureDeal, NurtureView
from closing.nurture.rules import NurtureStillOffered, check_until, refuse_unless_from_telemarketing
from closing.nurture.tables import NurtureOffer
from conveyor.contracts.closing import DealLost
from conveyor.contracts.handoffs import HandoffOffered
from conveyor.contracts.values import CriterionAnswer
from conveyor.handoffs.queries import offer_of
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Transaction, lock
from conveyor.kit.ids import new_id
from conveyor.roster.queries import current_calendar


async def nurture_deal(desk: Desk, *, doing: Doing, said: NurtureDeal) -> NurtureView:
    """Only an open deal; one offer back per lead is open at a time."""
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal)
        refuse_loss(deal.state)
        refuse_before_opening(at=doing.at, opened_at=deal.opened_at)
        today = (await current_calendar(tx.session)).calendar.day_of(doing.at)
        check_until(until=said.until, today=today)
        received = offer_of(await tx.session.get_one(ReceivedHandoff, deal.handoff_id))
        refuse_unless_from_telemarketing(received.from_stage)
        await _refuse_second_offer(tx, deal)
        deal.state, deal.closed_at = "lost", doing.at
        deal.loss_reason, deal.loss_note = said.reason, said.note
        offer = NurtureOffer(
            handoff_id=new_id(),
            lead_id=deal.lead_id,
            deal_id=deal.deal_id,
            resume_on=said.until,
            state="offered",
            offered_at=doing.at,
        )
        tx.session.add(offer)
        lost = DealLost(
            deal_id=deal.deal_id,
            lead_id=deal.lead_id,
            employee_id=doing.employee_id,
            reason=said.reason,
            note=said.note,
        )
        tx.say(lost, occurred_at=doing.at)
        tx.say(await _everything(tx.session, deal, offer, doing=doing, said=said), occurred_at=doing.at)
        view = NurtureView(
            id=offer.handoff_id, lead_id=deal.lead_id, deal_id=deal.deal_id, state="offered", until=said.until
        )
        return await tx.commit(view)


async def _refuse_second_offer(tx: Transaction, deal: Deal) -> None:
    await lock(tx, "nurture-offer", str(deal.lead_id))
    standing = select(NurtureOffer.handoff_id).where(
        NurtureOffer.lead_id == deal.lead_id, NurtureOffer.state == "offered"
    )
    if await tx.session.scalar(standing) is not None:
        raise NurtureStillOffered


async def _everything(
    session: AsyncSession, deal: Deal, offer: NurtureOffer, *, doing: Doing, said: NurtureDeal
) -> HandoffOffered:
    received = offer_of(await session.get_one(ReceivedHandoff, deal.handoff_id))
    criteria = [
        CriterionAnswer(code=one.code, answer=one.answer, evidence=one.evidence)
        for one in await criteria_of(session, deal.deal_id)
    ]
    return HandoffOffered(
        handoff_id=offer.handoff_id,
        lead_id=deal.lead_id,
        from_stage="closing",
        to_stage="telemarketing",
        offered_by=doing.employee_id,
        company=received.company,
        contacts=received.contacts,
        needs=said.note or received.needs,
        criteria=tuple(criteria),
        touches=received.touches,
        deal_id=deal.deal_id,
        resume_on=said.until,
        nurture_reason=said.reason,
        ends_handoff_id=deal.handoff_id,
    )
