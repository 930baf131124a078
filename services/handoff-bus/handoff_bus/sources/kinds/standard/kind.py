"""Kind `standard`, put together."""

from collections.abc import Mapping, Sequence
from typing import Any

from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import SourceKind
from handoff_bus.sources.kinds.standard.parse import parse
from handoff_bus.sources.kinds.standard.verify import mint_secret, read_secret, verify


def _no_settings(settings: Mapping[str, Any]) -> Sequence[FieldError]:
    return [FieldError(f"/settings/{name}", "is not a setting of kind standard") for name in settings]


STANDARD = SourceKind(
    name="standard",
    verify=verify,
    parse=parse,
    mint_secret=mint_secret,
    read_secret=read_secret,
    check_settings=_no_settings,
    redacted_headers=frozenset({"webhook-signature"}),
)
