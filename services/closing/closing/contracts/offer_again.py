"""Offer a won lead to account again, after account returned it."""

from sqlalchemy import select

from closing.contracts.models import AccountOfferView
from closing.contracts.offer_to_account import offer_to_account
from closing.contracts.rules import DealWithoutContract, HandoffStillStands
from closing.contracts.tables import DealContract
from closing.deals.doing import Desk, Doing, deal_to_change


async def offer_again(desk: Desk, *, doing: Doing) -> AccountOfferView:
    """The offer stands on the deal's latest contract. Refused without one, or while an offer of the lead stands."""
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal)
        number = await tx.session.scalar(
            select(DealContract.number)
            .where(DealContract.deal_id == deal.deal_id)
            .order_by(DealContract.signed_at.desc(), DealContract.number)
            .limit(1)
        )
        if number is None:
            raise DealWithoutContract
        handoff_id = await offer_to_account(
            tx, deal=deal, contract_number=number, offered_by=doing.employee_id, offered_at=doing.at
        )
        if handoff_id is None:
            raise HandoffStillStands
        view = AccountOfferView(
            id=handoff_id, lead_id=deal.lead_id, deal_id=deal.deal_id, contract_number=number, state="offered"
        )
        return await tx.commit(view)
