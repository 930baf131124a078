"""What a source may be called and hold. Pure."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from conveyor.kit.http.strict_json import pointer_token
from conveyor.kit.quiet_messages import quiet_message
from conveyor.kit.refusals import FieldError, Invalid, Refusal
from handoff_bus.sources.kinds.kind import SourceKind, SourceSettings
from handoff_bus.sources.kinds.registry import KINDS

# It is a path segment, part of reference systems `crm:<source>` and the `source` of facts.
NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$"


class SourceNameTaken(Refusal):
    """Another source has this name."""


def kind_named(name: str) -> SourceKind[Any]:
    """The kind of this name. Raises Invalid naming the kinds there are."""
    kind = KINDS.get(name)
    if kind is None:
        raise Invalid.field(pointer="/kind", message=f"must be one of: {', '.join(sorted(KINDS))}")
    return kind


def split_settings(kind: SourceKind[Any], settings: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The secret (the given one, else a minted one), the settings to show, and the credentials. Raises Invalid."""
    rest = {name: value for name, value in settings.items() if name != "secret"}
    errors = _settings_errors(kind, rest)
    secret = settings.get("secret")
    if "secret" in settings and not isinstance(secret, str):
        errors.append(FieldError("/settings/secret", "must be text"))
    elif isinstance(secret, str):
        errors.extend(secret_errors(kind, secret, pointer="/settings/secret"))
    if errors:
        raise Invalid(errors=errors)
    if not isinstance(secret, str):
        secret = minted_secret(kind, pointer="/settings/secret")
    return secret, *_divided(kind, rest)


def checked_settings(kind: SourceKind[Any], settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings without a secret: those to show, and the credentials. Raises Invalid."""
    if errors := _settings_errors(kind, settings):
        raise Invalid(errors=errors)
    return _divided(kind, settings)


def _divided(kind: SourceKind[Any], settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    credentials = _credentials(kind)
    shown = {name: value for name, value in settings.items() if name not in credentials}
    return shown, {name: value for name, value in settings.items() if name in credentials}


def host_asked(settings: SourceSettings) -> list[str] | None:
    """Scheme and host of `api_url`; None without one, and where the whole address is a credential itself."""
    url = getattr(settings, "api_url", None)
    return url.split("/", 3)[:3] if isinstance(url, str) else None


def minted_secret(kind: SourceKind[Any], *, pointer: str) -> str:
    """A new secret. Raises Invalid for a kind whose secret only the provider can make."""
    if kind.mint_secret is None:
        raise Invalid.field(pointer=pointer, message=f"is required: the secret that {kind.name} signs with")
    return kind.mint_secret()


def _settings_errors(kind: SourceKind[Any], settings: Mapping[str, Any]) -> list[FieldError]:
    try:
        kind.settings.model_validate(settings)
    except ValidationError as refused:
        return [
            FieldError("/settings" + "".join(pointer_token(str(part)) for part in error["loc"]), quiet_message(error))
            for error in refused.errors(include_url=False, include_context=False, include_input=False)
        ]
    return []


def _credentials(kind: SourceKind[Any]) -> set[str]:
    fields = kind.settings.model_fields.items()
    return {name for name, field in fields if SecretStr in (field.annotation, *get_args(field.annotation))}


def secret_errors(kind: SourceKind[Any], secret: str, *, pointer: str) -> list[FieldError]:
    """What is wrong with a secret of this kind."""
    try:
        kind.read_secret(secret)
    except ValueError as refused:
        return [FieldError(pointer, str(refused))]
    return []
