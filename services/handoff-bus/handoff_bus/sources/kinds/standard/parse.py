"""Reads a body of kind `standard`: one event."""

from pydantic import ValidationError

from conveyor.kit.quiet_messages import quiet_message
from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import SourceSettings, UnreadableDelivery
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OUTSIDE_EVENT


def parse(request: RawRequest, _: SourceSettings) -> Reading:
    """The event in the body. Raises UnreadableDelivery with a JSON pointer for each wrong field."""
    try:
        event = OUTSIDE_EVENT.validate_json(request.body)
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_context=False, include_input=False)
        raise UnreadableDelivery(
            errors=[FieldError(_pointer(error["type"], error["loc"]), quiet_message(error)) for error in errors]
        ) from None
    return Reading(request.headers.get("webhook-id", ""), (event,))


def _pointer(trouble: str, location: tuple[int | str, ...]) -> str:
    if trouble.startswith("union_tag"):
        return "/type"
    # The first part is the discriminator's value, which is no place in the body.
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location[1:])
