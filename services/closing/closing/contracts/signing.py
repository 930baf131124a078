"""Who signed and when: `signed_at` is the business time of a contract, checked like any `occurred_at`."""

from uuid import UUID

from closing.contracts.models import SignContract
from closing.deals.doing import ActedRequest, Desk, Doing, doing_of
from conveyor.kit.http.auth import Principal
from conveyor.kit.refusals import FieldError, Invalid


async def signing_of(desk: Desk, *, principal: Principal, deal_id: UUID, said: SignContract) -> Doing:
    """The signer, employed at `signed_at`, and when the lead is offered to account. Raises Invalid at `/signed_at`."""
    signed = ActedRequest(employee_id=said.employee_id, occurred_at=said.signed_at)
    try:
        doing = await doing_of(desk, principal=principal, deal_id=deal_id, said=signed)
    except Invalid as refused:
        raise Invalid(errors=[_at_signed_at(error) for error in refused.errors]) from refused
    if said.occurred_at is None:
        return doing
    if said.occurred_at < said.signed_at:
        raise Invalid.field(pointer="/occurred_at", message="earlier than the signing")
    return await doing_of(desk, principal=principal, deal_id=deal_id, said=said)


def _at_signed_at(error: FieldError) -> FieldError:
    return FieldError("/signed_at", error.message) if error.pointer == "/occurred_at" else error
