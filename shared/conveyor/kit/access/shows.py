"""How a route says that it shows people: `dependencies=[shows_people("lead")]`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from fastapi import Depends, Request
from starlette.responses import Response

from conveyor.kit.access.trail import AccessTrail, Read
from conveyor.kit.context import current_context
from conveyor.kit.http.admission import ADMITTED, actor_of
from conveyor.kit.http.principals import Principal
from conveyor.kit.refusals import Refusal

if TYPE_CHECKING:
    from fastapi import params


class ErasuresAreDue(Refusal):
    """This database was restored from a copy: people are shown when the erasures since then were applied again."""

    kind = "unavailable"


@dataclass(frozen=True)
class ShowsPeople:
    """The route shows personal data of `subject`s; their ids are in `field` of the answer or its items."""

    subject: str
    field: str

    async def __call__(self, request: Request) -> None:
        """Raise before anything is read: TrailIsFull when it could not be written down, ErasuresAreDue.

        The latter while a restored database may hold people who were erased.
        """
        trail_of(request).require_room()
        if await request.app.state.service.closed_gates():
            raise ErasuresAreDue


def shows_people(subject: str, *, field: str = "id") -> "params.Depends":
    """Put it among the `dependencies` of a route. A field that the answer does not have is looked for in the path."""
    dependency: params.Depends = Depends(ShowsPeople(subject, field))
    return dependency


def note_read(request: Request, response: Response, shows: ShowsPeople, *, operation: str) -> None:
    """Write down that these were shown; only a successful answer shows anybody."""
    principal = request.scope.get(ADMITTED)
    if response.status_code >= 300 or response.status_code == 204 or not isinstance(principal, Principal):
        return
    trail = trail_of(request)
    trail.note(
        Read(
            read_at=request.app.state.service.clock.now(),
            actor=actor_of(principal),
            role=principal.role,
            operation=operation,
            subject=shows.subject,
            subject_ids=_ids(response, request, shows.field),
            request_id=current_context().request_id,
        )
    )


def trail_of(request: Request) -> AccessTrail:
    """The trail of the application that answers this request."""
    trail: AccessTrail = request.app.state.access_trail
    return trail


def _ids(response: Response, request: Request, field: str) -> list[UUID]:
    answer: Any = orjson.loads(response.body)
    items = answer.get("items", [answer])
    found = {item[field] for item in items if isinstance(item.get(field), str)}
    named = request.path_params.get(field)
    if not found and named is not None:
        found = {str(named)}
    return [UUID(each) for each in sorted(found)]
