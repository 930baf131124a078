"""Lets a caller in: his token becomes a Principal, and the work from here on is done in his name."""

from dataclasses import replace

from starlette.requests import Request

from conveyor.kit.context import current_context, replace_context
from conveyor.kit.http.idempotency import claim_of
from conveyor.kit.http.principals import Principal, Unauthenticated

ADMITTED = "conveyor.principal"


async def admit(request: Request) -> Principal:
    """The caller by his bearer token; from now on he is the context's actor. Raises Unauthenticated."""
    known = request.scope.get(ADMITTED)
    if isinstance(known, Principal):
        return known
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    principal: Principal = await request.app.state.tokens.principal(token.strip())
    request.scope[ADMITTED] = principal
    replace_context(replace(current_context(), actor=actor_of(principal), idempotency=claim_of(request, principal)))
    return principal


def actor_of(principal: Principal) -> str:
    """How facts and audit name the caller: the employee where the token names one, else role and subject."""
    if principal.employee_id is not None:
        return f"employee:{principal.employee_id}"
    return f"{principal.role}:{principal.subject}"
