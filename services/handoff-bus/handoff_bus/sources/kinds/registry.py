"""The one list of kinds."""

from typing import Any

from handoff_bus.sources.kinds.kind import SourceKind
from handoff_bus.sources.kinds.standard.kind import STANDARD

KINDS: dict[str, SourceKind[Any]] = {kind.name: kind for kind in (STANDARD,)}
"""Every kind by its name; a new one is a folder here and a line above."""
