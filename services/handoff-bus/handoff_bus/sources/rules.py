"""What a source may be called and hold. Pure."""

from collections.abc import Mapping
from typing import Any

from conveyor.kit.refusals import FieldError, Invalid, Refusal
from handoff_bus.sources.kinds.kind import SourceKind
from handoff_bus.sources.kinds.registry import KINDS

# It is a path segment, part of reference systems `crm:<source>` and the `source` of facts.
NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$"


class SourceNameTaken(Refusal):
    """Another source has this name."""


def kind_named(name: str) -> SourceKind:
    """The kind of this name. Raises Invalid naming the kinds there are."""
    kind = KINDS.get(name)
    if kind is None:
        raise Invalid.field(pointer="/kind", message=f"must be one of: {', '.join(sorted(KINDS))}")
    return kind


def split_settings(kind: SourceKind, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The secret (the given one, else a minted one) and the settings without it. Raises Invalid."""
    rest = {name: value for name, value in settings.items() if name != "secret"}
    errors = list(kind.check_settings(rest))
    secret = settings.get("secret")
    if "secret" not in settings:
        secret = kind.mint_secret()
    elif not isinstance(secret, str):
        errors.append(FieldError("/settings/secret", "must be text"))
    else:
        errors.extend(secret_errors(kind, secret, pointer="/settings/secret"))
    if errors:
        raise Invalid(errors=errors)
    return str(secret), rest


def secret_errors(kind: SourceKind, secret: str, *, pointer: str) -> list[FieldError]:
    """What is wrong with a secret of this kind."""
    try:
        kind.read_secret(secret)
    except ValueError as refused:
        return [FieldError(pointer, str(refused))]
    return []
