"""The one list of kinds."""

from handoff_bus.sources.kinds.kind import SourceKind
from handoff_bus.sources.kinds.standard.kind import STANDARD

KINDS: dict[str, SourceKind] = {kind.name: kind for kind in (STANDARD,)}
