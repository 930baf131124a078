"""Servers that exist already, named by the environment, instead of embedded ones."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from conveyor_local.nats_permissions import all_users
from conveyor_local.places import SERVICE_PLACES
from conveyor_local.processes import UnableToStart


@dataclass(frozen=True, slots=True)
class RealServers:
    """What is not embedded. Empty: everything is.

    CONVEYOR_<SERVICE>_DATABASE_URL (and CONVEYOR_<SERVICE>_MIGRATION_URL if migrations log in as another role) replace
    the embedded database of that service; CONVEYOR_NATS_URL with CONVEYOR_<SERVICE>_NATS_PASSWORD the embedded broker.
    The stream is provisioned there if CONVEYOR_PROVISIONER_NATS_PASSWORD is set.
    """

    database_urls: Mapping[str, str] = field(default_factory=dict)
    migration_urls: Mapping[str, str] = field(default_factory=dict)
    nats_url: str | None = None
    nats_passwords: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> Self:
        """What the environment names. Raises UnableToStart when a real broker is named without its passwords."""
        databases = {place.name: os.environ.get(place.variable("DATABASE_URL"), "") for place in SERVICE_PLACES}
        migrations = {place.name: os.environ.get(place.variable("MIGRATION_URL"), "") for place in SERVICE_PLACES}
        nats_url = os.environ.get("CONVEYOR_NATS_URL") or None
        passwords = {user.name: os.environ.get(user.password_variable, "") for user in all_users()}
        missing = [place.variable("NATS_PASSWORD") for place in SERVICE_PLACES if not passwords[place.name]]
        if nats_url and missing:
            msg = f"CONVEYOR_NATS_URL names a real broker; set its passwords too: {', '.join(missing)}."
            raise UnableToStart(msg)
        named = {name: url for name, url in databases.items() if url}
        return cls(
            database_urls=named,
            migration_urls={name: migrations[name] or url for name, url in named.items()},
            nats_url=nats_url,
            nats_passwords={name: password for name, password in passwords.items() if password} if nats_url else {},
        )
