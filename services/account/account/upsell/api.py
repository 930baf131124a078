"""The endpoint that offers a client to closing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status

from account.upsell.models import OfferUpsell, UpsellView
from account.upsell.offer_upsell import Offering, offer_upsell
from conveyor.kit.business_time import business_time
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal, acting_employee, allow
from conveyor.roster.queries import working_employee


def upsell_router(database: Database, *, backdating_days_max: int) -> APIRouter:
    """A route under `/clients`."""
    router = APIRouter(prefix="/clients", tags=["upsell"])

    @router.post("/{lead_id}/upsell", status_code=status.HTTP_201_CREATED)
    async def post_upsell(
        lead_id: UUID, principal: Annotated[Principal, Depends(allow("am", "integration", "admin"))], said: OfferUpsell
    ) -> UpsellView:
        """Offer the client to closing for another deal; he stays with his AM. 409 while an offer is open."""
        employee_id = acting_employee(principal, said.employee_id)
        at = business_time(
            said.occurred_at,
            now=database.clock.now(),
            principal_role=principal.role,
            backdating_days_max=backdating_days_max,
        )
        await working_employee(database, employee_id, role="am", at=at)
        limited_to = employee_id if principal.role == "am" else None
        offering = Offering(lead_id=lead_id, employee_id=employee_id, at=at, limited_to=limited_to)
        return await offer_upsell(database, offering=offering, said=said)

    return router
