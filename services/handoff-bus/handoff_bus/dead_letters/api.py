"""Dead letters of all services over HTTP. Each is replayed or discarded at the service that gave it up."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from conveyor.contracts.messages import DeadLetterState
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from conveyor.kit.operations.api import TheService
from handoff_bus.bus import TheBus
from handoff_bus.dead_letters import queries
from handoff_bus.dead_letters.queries import AnnouncedDeadLetterView, DeadLetterWithPayload

router = APIRouter(prefix="/dead-letters", tags=["dead-letters"])


@router.get("")
async def list_dead_letters(
    *,
    bus: TheBus,
    _: Annotated[Principal, Depends(allow("admin", "auditor"))],
    page: PageQuery,
    service: str | None = None,
    state: DeadLetterState | None = None,
    fact: str | None = None,
) -> Page[AnnouncedDeadLetterView]:
    """Messages whose handling failed for good, of all services, oldest first; `fact` such as `payment_received.v1`."""
    async with bus.database.reading() as session:
        return await queries.list_dead_letters(session, service=service, state=state, fact=fact, page=page)


@router.get("/{service_name}/{message_id}")
async def get_dead_letter(
    service_name: str,
    message_id: UUID,
    service: TheService,
    _: Annotated[Principal, Depends(allow("admin"))],
) -> DeadLetterWithPayload:
    """One of them with the message that failed. To replay it: `POST /v1/messages/dead-letters/{id}/replay` there."""
    async with service.database.reading() as session:
        letter = await queries.find_dead_letter(session, service=service_name, message_id=message_id)
    return await queries.with_payload(letter, service.connection)
