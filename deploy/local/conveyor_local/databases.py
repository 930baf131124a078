"""Databases and roles of the services: applies deploy/postgres/*.sql to any PostgreSQL server.

The embedded stack, the tests and the `roles` job of compose all come through here.
"""

import asyncio
import os
import re
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from string import Template
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from conveyor_local.places import POSTGRES, SERVICE_PLACES, ServicePlace

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """The passwords of the two roles of a service that log in."""

    app: str
    migrator: str


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One database of a service, as the service itself sees it and as its migrations do."""

    app: str
    migrator: str


class Databases:
    """Makes databases and roles on the server behind `admin_url` (a superuser's address)."""

    def __init__(self, *, admin_url: str) -> None:
        self.admin_url = admin_url

    def apply_roles(self, place: ServicePlace, passwords: RolePasswords) -> None:
        """Make or refresh the roles of a service."""
        self.execute(
            _sql(
                "roles.sql",
                service=place.package,
                migrator_password=_literal(passwords.migrator),
                app_password=_literal(passwords.app),
            )
        )

    def create(self, place: ServicePlace, database: str, *, template: str | None = None) -> bool:
        """Make a service's database unless it exists, from `template` if given. Says whether it was made."""
        made = in_own_loop(self._create(_name(database), template))
        self.execute(_sql("database.sql", service=place.package, database=_name(database)))
        if template is None:
            self.execute(_sql("schema.sql", service=place.package), database=database)
        return made

    def drop(self, database: str) -> None:
        """Remove a database and end its sessions."""
        self.execute(f"DROP DATABASE IF EXISTS {_name(database)} WITH (FORCE)")

    def execute(self, script: str, *, database: str | None = None) -> None:
        """Run statements as the superuser."""
        in_own_loop(self._execute(script, database))

    def urls(self, place: ServicePlace, database: str, passwords: RolePasswords) -> DatabaseUrls:
        """The addresses of a service's database for its two roles."""
        return DatabaseUrls(
            app=self._url(database, f"conveyor_{place.package}_app", passwords.app),
            migrator=self._url(database, f"conveyor_{place.package}_migrator", passwords.migrator),
        )

    def _url(self, database: str, user: str, password: str) -> str:
        parts = urlsplit(self.admin_url)
        server = (parts.netloc.rpartition("@"))[2]
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{server}", path=f"/{database}"))

    async def _execute(self, script: str, database: str | None) -> None:
        connection = await asyncpg.connect(self.admin_url, database=database, timeout=20, command_timeout=60)
        try:
            await connection.execute(script)
        finally:
            await connection.close(timeout=10)

    async def _create(self, database: str, template: str | None) -> bool:
        connection = await asyncpg.connect(self.admin_url, timeout=20, command_timeout=60)
        try:
            if await connection.fetchval("SELECT TRUE FROM pg_database WHERE datname = $1", database):
                return False
            source = f" TEMPLATE {_name(template)} STRATEGY FILE_COPY" if template else ""
            await connection.execute(f"CREATE DATABASE {database}{source}")
            return True
        finally:
            await connection.close(timeout=10)


def in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also when the calling thread already runs a loop."""
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(asyncio.run, work).result()


def _sql(file: str, **values: str) -> str:
    return Template((POSTGRES / file).read_text()).substitute(values)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        msg = f"not a plain name of a database: {text!r}"
        raise ValueError(msg)
    return text


def _literal(text: str) -> str:
    if "\x00" in text or "\\" in text:
        msg = "a password with a NUL or a backslash"
        raise ValueError(msg)
    return "'" + text.replace("'", "''") + "'"


def prepare(*, admin_url: str, places: Iterable[ServicePlace], passwords: dict[str, RolePasswords]) -> None:
    """Roles and databases of these services under their usual names."""
    databases = Databases(admin_url=admin_url)
    for place in places:
        databases.apply_roles(place, passwords[place.name])
        databases.create(place, usual_name(place))


def usual_name(place: ServicePlace) -> str:
    """The database of a service outside of tests."""
    return f"conveyor_{place.package}"


def main() -> None:
    """The deploy job: CONVEYOR_POSTGRES_ADMIN_URL and CONVEYOR_<SERVICE>_{APP,MIGRATOR}_PASSWORD say what and where."""
    passwords = {
        place.name: RolePasswords(
            app=os.environ[place.variable("APP_PASSWORD")], migrator=os.environ[place.variable("MIGRATOR_PASSWORD")]
        )
        for place in SERVICE_PLACES
    }
    prepare(admin_url=os.environ["CONVEYOR_POSTGRES_ADMIN_URL"], places=SERVICE_PLACES, passwords=passwords)


if __name__ == "__main__":
    main()
