"""Settings of a service, from the environment alone.

A field `nats_url` of service `handoff-bus` is read from `CONVEYOR_HANDOFF_BUS_NATS_URL`, else from `CONVEYOR_NATS_URL`:
what all services share is said once, what is one service's own carries its name.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from conveyor.kit.http.jwks import checked_jwks_url
from conveyor.kit.http.tokens import DAYS_MAX
from conveyor.kit.passwords import Password, PasswordUnreadable, password_from, read_password

GUESSABLE_SECRETS = frozenset(
    {"", "admin", "changeme", "change-me", "conveyor", "password", "postgres", "secret", "test"}
)


class SettingsRefused(SystemExit):
    """The service does not start with such settings; the message names the variables and never their values."""


class ServiceSettings(BaseSettings):
    """What every service needs to start. A service may add its own fields in a subclass with a default `service`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    service: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    database_url: SecretStr
    database_password_file: Path | None = None
    """The password of `database_url`, which has none then: read at each connection, so that it may change."""
    migration_url: SecretStr | None = None
    database_pool_size: Annotated[int, Field(ge=1, le=100)] = 10
    nats_url: str
    nats_password_file: Path | None = None
    """As `database_password_file`, instead of `nats_password`."""
    nats_password: Annotated[SecretStr | None, Field(validate_default=True)] = None
    jwks_url: str
    token_issuer: str
    token_audience: str = "conveyor"  # noqa: S105 - a name, not a secret
    token_days_max: Annotated[int, Field(ge=1)] = DAYS_MAX
    """Tokens that live longer from now on are refused: a right that is taken away ends at the latest then."""
    backdating_days_max: Annotated[int, Field(ge=0)] = 7
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8100
    log_format: Literal["console", "json"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    body_bytes_max: Annotated[int, Field(ge=1024)] = 256 * 1024
    shutdown_seconds_max: Annotated[float, Field(gt=0, le=120)] = 10.0

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - pydantic checks each
        try:
            super().__init__(**values)
        except ValidationError as refused:
            raise SettingsRefused(_readable(refused, _service_of(type(self), values))) from None

    @property
    def database_credential(self) -> Password | None:
        """What to connect with, where the address has no password."""
        return password_from(self.database_password_file, None)

    @property
    def nats_credential(self) -> Password:
        """The password of `nats_user`."""
        password = password_from(self.nats_password_file, self.nats_password)
        assert password is not None  # noqa: S101 - settings without either are refused
        return password

    @property
    def nats_user(self) -> str:
        """One NATS user per service, called as the service is."""
        return self.service

    @field_validator("database_url", "migration_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in {"postgresql", "postgres"}:
            msg = "must begin with postgresql://"
            raise ValueError(msg)
        if parts.password is not None and parts.password.lower() in GUESSABLE_SECRETS:
            msg = "holds a password that everybody guesses"
            raise ValueError(msg)
        return url

    @field_validator("database_password_file", "nats_password_file")
    @classmethod
    def _holds_a_password(cls, file: Path | None) -> Path | None:
        if file is not None:
            try:
                found = read_password(file)
            except PasswordUnreadable:
                msg = "cannot be read"
                raise ValueError(msg) from None
            if found.lower() in GUESSABLE_SECRETS:
                msg = "holds a password that everybody guesses"
                raise ValueError(msg)
        return file

    @field_validator("jwks_url")
    @classmethod
    def _is_trustworthy(cls, url: str) -> str:
        return checked_jwks_url(url)

    @field_validator("nats_password")
    @classmethod
    def _is_no_default(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None:
            if info.data.get("nats_password_file") is None:
                msg = "is missing, and so is a file of it"
                raise ValueError(msg)
            return None
        if secret.get_secret_value().lower() in GUESSABLE_SECRETS:
            msg = "is a password that everybody guesses"
            raise ValueError(msg)
        return secret

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Constructor arguments first, then the environment; no file is read."""
        given = init_settings()
        return init_settings, _ServiceEnvironment(settings_cls, service=_service_of(settings_cls, given))


def variable_names(service: str, field: str) -> tuple[str, str]:
    """The service's own variable, then the shared one."""
    return f"CONVEYOR_{service.upper().replace('-', '_')}_{field.upper()}", f"CONVEYOR_{field.upper()}"


class _ServiceEnvironment(PydanticBaseSettingsSource):
    def __init__(self, settings_cls: type[BaseSettings], *, service: str) -> None:
        super().__init__(settings_cls)
        self._service = service

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the base's signature
        names = variable_names(self._service, field_name)
        return next((os.environ[name] for name in names if name in os.environ), None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
            if name != "service"
        }
        return {name: value for name, value in found.items() if value is not None}


def _service_of(settings_cls: type[BaseSettings], given: dict[str, Any]) -> str:
    service = given.get("service", settings_cls.model_fields["service"].default)
    return service if isinstance(service, str) else ""


def _readable(refused: ValidationError, service: str) -> str:
    lines = [f"{service or 'the service'} cannot start with these settings:"]
    for error in refused.errors(include_input=False, include_url=False):
        field = str(error["loc"][0]) if error["loc"] else "settings"
        own, shared = variable_names(service, field)
        lines.append(f"  {own} (or {shared}): {error['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
