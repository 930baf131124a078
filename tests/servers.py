"""Real servers for tests: PostgreSQL, NATS and whole systems, each started in well under a second.

Fixtures
    postgres          one embedded server for the session (no fsync); roles of all services exist
    fresh_database    `fresh_database("closing")` → DatabaseUrls(app, migrator) of a new migrated database
    empty_database    the same without tables, for tests of the kit and of migrations
    nats_server       one embedded JetStream for the session, with the users of accounts.conf
    provisioned_nats  a server of its own for each test, with the stream and the consumers, nothing published
    new_stack         `new_stack()` → a running LocalStack: four services with servers of their own, nothing recorded
    stack             one such system
All clean up after themselves. Nothing here needs a running loop; all may be used in async tests.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conveyor.kit.ids import new_id
from conveyor_local.databases import Databases, DatabaseUrls, RolePasswords
from conveyor_local.home import Ports, Secrets
from conveyor_local.nats import EmbeddedNats
from conveyor_local.places import SERVICE_PLACES, ServicePlace, place_of
from conveyor_local.ports import free_port
from conveyor_local.postgres import EmbeddedPostgres
from conveyor_local.preparation import finish, migration, provisioning
from conveyor_local.stack import LocalStack

# A database is six hundred files. To make them takes half a second on a disk and a hundredth of one in memory, and
# nothing of what these servers keep shall outlive the machine.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of its own is made in it
_MEMORY_BYTES_MIN = 4 * 1024**3

FreshDatabase = Callable[[str], DatabaseUrls]
NewStack = Callable[[], LocalStack]


@dataclass(slots=True)
class PostgresForTests:
    """The session's server and what may be made on it."""

    server: EmbeddedPostgres
    passwords: dict[str, RolePasswords]
    _templates: dict[str, str] = field(default_factory=dict)

    @property
    def admin_url(self) -> str:
        """The superuser's address of the maintenance database."""
        return self.server.admin_url

    @property
    def databases(self) -> Databases:
        """Makes and drops databases."""
        return Databases(admin_url=self.admin_url)

    def url(self, database: str, user: str) -> str:
        """The address of a database for `conveyor_<service>_app` or `…_migrator`, whichever `user` names."""
        place = next(place for place in SERVICE_PLACES if user.startswith(f"conveyor_{place.package}_"))
        urls = self.databases.urls(place, database, self.passwords[place.name])
        return urls.app if user.endswith("_app") else urls.migrator

    def create_database(self, name: str, service: str, template: str | None = None) -> DatabaseUrls:
        """Make a database with the rights of a service's one."""
        place = place_of(service)
        self.databases.create(place, name, template=template)
        return self.databases.urls(place, name, self.passwords[place.name])

    def migrated_template(self, place: ServicePlace) -> str:
        """A database with the service's tables, made once in a session, to be copied."""
        if place.package not in self._templates:
            name = f"template_{place.package}"
            finish([migration(place, self.create_database(name, place.name).migrator)])
            self._templates[place.package] = name
        return self._templates[place.package]


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """A directory that also the unprivileged account of the servers can enter."""
    with tempfile.TemporaryDirectory(prefix="conveyor-tests-", dir=_place(), ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        yield home


def _place() -> Path | None:
    """The file system in memory where there is one with room for all servers of a session, else the usual place."""
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _MEMORY_BYTES_MIN:
        return None
    return _MEMORY


@contextmanager
def running_postgres(home: Path, *, durable: bool = True) -> Iterator[PostgresForTests]:
    """A PostgreSQL with the roles of all services, gone afterwards; `durable=False` leaves out fsync."""
    secrets = Secrets.fresh()
    server = EmbeddedPostgres(home=home, port=free_port(), password=secrets.postgres, durable=durable)
    server.start()
    try:
        made = PostgresForTests(server=server, passwords=secrets.databases)
        for place in SERVICE_PLACES:
            made.databases.apply_roles(place, secrets.databases[place.name])
        yield made
    finally:
        server.stop()
        server.forget()


@pytest.fixture(scope="session")
def postgres(server_home: Path) -> Iterator[PostgresForTests]:
    """One PostgreSQL for the session, with the roles of all services."""
    with running_postgres(server_home / "session", durable=False) as made:
        yield made


@pytest.fixture
def fresh_database(postgres: PostgresForTests) -> Iterator[FreshDatabase]:
    """A new database with a service's tables, dropped after the test."""
    yield from _databases(postgres, migrated=True)


@pytest.fixture
def empty_database(postgres: PostgresForTests) -> Iterator[FreshDatabase]:
    """A new database with a service's rights and no tables, dropped after the test."""
    yield from _databases(postgres, migrated=False)


def _databases(postgres: PostgresForTests, *, migrated: bool) -> Iterator[FreshDatabase]:
    made: list[str] = []

    def make(service: str) -> DatabaseUrls:
        place = place_of(service)
        template = postgres.migrated_template(place) if migrated else None
        name = f"{place.package}_{new_id().hex[-12:]}"
        urls = postgres.create_database(name, service, template)
        made.append(name)
        return urls

    yield make
    for name in made:
        postgres.databases.drop(name)


@pytest.fixture(scope="session")
def nats_server(server_home: Path) -> Iterator[EmbeddedNats]:
    """One JetStream for the session. No stream exists in it; a test that makes one takes it away again."""
    server = EmbeddedNats(home=server_home / "session", port=free_port(), passwords=Secrets.fresh().nats)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def provisioned_nats(server_home: Path) -> Iterator[EmbeddedNats]:
    """A JetStream of the test's own with the stream CONVEYOR and every service's consumer."""
    home = server_home / f"nats-{new_id().hex[-12:]}"
    server = EmbeddedNats(home=home, port=free_port(), passwords=Secrets.fresh().nats)
    server.start()
    try:
        password = server.password_of("provisioner")
        finish([provisioning(nats_url=server.url, password=password, monitor_url=server.monitor_url)])
        yield server
    finally:
        server.stop()
        server.forget()


@pytest.fixture(scope="session")
def prepared_home(server_home: Path) -> Path:
    """The home of a system that was migrated, provisioned and stopped; to be copied."""
    prepared = LocalStack(server_home / "prepared", ports=Ports.free(), durable=False)
    prepared.prepare()
    prepared.stop()
    return prepared.home


@pytest.fixture
def new_stack(server_home: Path, prepared_home: Path) -> Iterator[NewStack]:
    """Starts whole systems, each with its own servers and data; stopped after the test."""
    running: list[LocalStack] = []

    def start() -> LocalStack:
        made = LocalStack.copied(prepared_home, server_home / f"stack-{new_id().hex[-12:]}")
        running.append(made)
        made.start()
        return made

    yield start
    for made in running:
        made.stop()
        made.forget()


@pytest.fixture
def stack(new_stack: NewStack) -> LocalStack:
    """One whole system of the test's own."""
    return new_stack()
