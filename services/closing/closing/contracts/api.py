"""Endpoints of a deal's contracts and of its way to account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, status

from closing.contracts.models import AccountOfferView, ContractView, SignContract
from closing.contracts.offer_again import offer_again
from closing.contracts.sign_contract import sign_contract
from closing.contracts.signing import signing_of
from closing.deals.doing import ActedRequest, Desk, doing_of
from conveyor.kit.http.auth import Principal, allow

Doer = Annotated[Principal, Depends(allow("ae", "integration", "admin"))]


def contracts_router(desk: Desk) -> APIRouter:
    """Routes under `/deals/{deal_id}` for contracts."""
    router = APIRouter(prefix="/deals/{deal_id}", tags=["contracts"])

    @router.post("/contract", status_code=status.HTTP_201_CREATED)
    async def post_contract(deal_id: UUID, principal: Doer, said: SignContract) -> ContractView:
        """Record a signed contract: the deal is won and offered to account. 409 for a number that is taken."""
        doing = await signing_of(desk, principal=principal, deal_id=deal_id, said=said)
        return await sign_contract(desk, doing=doing, said=said)

    @router.post("/account-handoff", status_code=status.HTTP_201_CREATED)
    async def post_account_handoff(
        deal_id: UUID, principal: Doer, said: Annotated[ActedRequest | None, Body()] = None
    ) -> AccountOfferView:
        """Offer the lead to account again after it was returned. 409 while an offer stands or without a contract."""
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=said or ActedRequest())
        return await offer_again(desk, doing=doing)

    return router
