"""A PostgreSQL of a test's own, for tests that do to it what the session's server must be spared."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conveyor_local.home import Secrets
from conveyor_local.places import SERVICE_PLACES
from conveyor_local.postgres import EmbeddedPostgres
from conveyor_local.processes import free_port
from tests.servers import PostgresForTests


@contextmanager
def own_postgres(home: Path) -> Iterator[PostgresForTests]:
    """Running, with the roles of all services, and with fsync as in production; gone afterwards."""
    secrets = Secrets.fresh()
    server = EmbeddedPostgres(home=home, port=free_port(), password=secrets.postgres)
    server.start()
    try:
        made = PostgresForTests(server=server, passwords=secrets.databases)
        for place in SERVICE_PLACES:
            made.databases.apply_roles(place, secrets.databases[place.name])
        yield made
    finally:
        server.stop()
        server.forget()
