"""The whole system on one machine: servers, databases, stream and the four services, started and stopped in order."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import UUID

from conveyor_local.databases import Databases, DatabaseUrls, usual_name
from conveyor_local.home import HomeLock, Ports, Secrets
from conveyor_local.logs import LogStreams
from conveyor_local.nats import EmbeddedNats
from conveyor_local.operator_on_trial import operator_settings
from conveyor_local.places import SERVICE_PLACES, ServicePlace, place_of
from conveyor_local.postgres import EmbeddedPostgres
from conveyor_local.preparation import Job, fingerprint, finish, migration, provisioning
from conveyor_local.processes import UnableToStart, require_free_port, wait_until
from conveyor_local.real_servers import RealServers
from conveyor_local.service_process import ServiceProcess
from conveyor_local.tokens import ISSUER, TokenIssuer

PORT_PATIENCE_SECONDS = 15


class LocalStack:
    """One system in one home directory.

    `start()` returns when all services are ready; after any failure nothing is left running. `nats` and `postgres` can
    be killed and started on their own, `kill_service` and `start_service` do the same for one service.
    """

    def __init__(
        self,
        home: Path,
        *,
        ports: Ports | None = None,
        real_servers: RealServers | None = None,
        durable: bool = True,
        logs: LogStreams | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.home = home.resolve()
        self.ports = ports or Ports.from_environment()
        self._real = real_servers if real_servers is not None else RealServers()
        self._durable = durable
        self._logs = logs
        self._report = report
        self._lock = HomeLock(self.home)
        self._postgres: EmbeddedPostgres | None = None
        self._nats: EmbeddedNats | None = None
        self._issuer: TokenIssuer | None = None
        self._services: dict[str, ServiceProcess] = {}
        self._forget_on_stop = False

    @classmethod
    def throwaway(cls, home: Path) -> Self:
        """A system on free ports whose data is gone when it stops."""
        made = cls(home, ports=Ports.free(), durable=False)
        made._forget_on_stop = True
        return made

    @classmethod
    def copied(cls, prepared: Path, home: Path) -> Self:
        """A system on free ports that begins with the data of a prepared and stopped home."""
        home.mkdir(parents=True)
        made = cls(home, ports=Ports.free(), durable=False)
        for name in ("secrets.json", "token-key.pem"):
            (home / name).touch(mode=0o600)
            (home / name).write_bytes((prepared / name).read_bytes())
        made.postgres.copy_from(prepared)
        made.nats.copy_from(prepared)
        (home / "prepared").write_bytes((prepared / "prepared").read_bytes())
        return made

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The embedded database server."""
        if self._postgres is None:
            password = Secrets.of(self.home).postgres
            self._postgres = EmbeddedPostgres(
                home=self.home, port=self.ports.postgres, password=password, durable=self._durable
            )
        return self._postgres

    @property
    def nats(self) -> EmbeddedNats:
        """The embedded broker."""
        if self._nats is None:
            self._nats = EmbeddedNats(home=self.home, port=self.ports.nats, passwords=Secrets.of(self.home).nats)
        return self._nats

    def base_url(self, service: str) -> str:
        """Where a service answers, e.g. http://127.0.0.1:8100."""
        return f"http://127.0.0.1:{self.ports.services[place_of(service).name]}"

    def token(self, role: str, employee_id: UUID | None = None, *, hours: int = 12) -> str:
        """A bearer token of this system's issuer."""
        if self._issuer is None:
            self._issuer = TokenIssuer(self.home)
        return self._issuer.token(role=role, employee_id=employee_id, hours=hours)

    def database_urls(self, service: str) -> DatabaseUrls:
        """The addresses of a service's database."""
        place = place_of(service)
        if place.name in self._real.database_urls:
            return DatabaseUrls(self._real.database_urls[place.name], self._real.migration_urls[place.name])
        passwords = Secrets.of(self.home).databases[place.name]
        return Databases(admin_url=self.postgres.admin_url).urls(place, usual_name(place), passwords)

    @property
    def services(self) -> tuple[ServiceProcess, ...]:
        """The services that were started."""
        return tuple(self._services.values())

    def start(self, *, seconds: float = 90) -> None:
        """Prepare what is not prepared, start the services, wait until all are ready.

        Raises UnableToStart (also PortTaken and HomeInUse) after stopping what had been started.
        """
        deadline = time.monotonic() + seconds
        try:
            self.prepare()
            self._report("Starting the services …")
            for place in SERVICE_PLACES:
                self._launch(place)
            for place in SERVICE_PLACES:
                self.wait_ready(place.name, seconds=max(1.0, deadline - time.monotonic()))
        except BaseException:
            self.stop()
            raise

    def prepare(self) -> None:
        """Everything up to the services: lock, servers, databases, tables, stream. Done once until `stop`."""
        if self._lock.is_held:
            return
        try:
            self._lock.acquire()
            self._require_ports()
            self._issuer = TokenIssuer(self.home)
            self._start_servers()
            if not self._is_prepared():
                self._report("Migrating the databases …")
                self._make_databases()
                finish(self._jobs())
                self._prepared_path.write_text(fingerprint())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the services, then the broker, then the database. Nothing is left running."""
        for service in self._services.values():
            service.ask_to_stop()
        for service in self._services.values():
            service.stop()
        self._services.clear()
        if self._nats is not None:
            self._nats.stop()
        if self._postgres is not None:
            self._postgres.stop()
        if self._forget_on_stop:
            self.forget()
        self._lock.release()

    def forget(self) -> None:
        """Remove the data of the embedded servers. The system must be stopped."""
        for server in (self._nats, self._postgres):
            if server is not None:
                server.forget()
        self._prepared_path.unlink(missing_ok=True)

    def kill_service(self, name: str) -> None:
        """SIGKILL one service."""
        self._services[place_of(name).name].kill()

    def stop_service(self, name: str) -> None:
        """Stop one service in good order."""
        self._services[place_of(name).name].stop()

    def launch_service(self, name: str) -> None:
        """Start one service again without waiting."""
        self._launch(place_of(name))

    def start_service(self, name: str, *, seconds: float = 60) -> None:
        """Start one service again and wait until it is ready."""
        self.launch_service(name)
        self.wait_ready(name, seconds=seconds)

    def wait_ready(self, name: str, *, seconds: float = 60) -> None:
        """Wait until a running service says that it is ready. Raises UnableToStart."""
        service = self._services[place_of(name).name]
        wait_until(service.is_ready, seconds=seconds, what=f"{service.place.name} to be ready", every_seconds=0.05)

    def environment(self, service: str) -> dict[str, str]:
        """The settings of one service."""
        place = place_of(service)
        issuer = self._issuer or TokenIssuer(self.home)
        nats_url = self._real.nats_url
        passwords = self._real.nats_passwords if nats_url else Secrets.of(self.home).nats
        purging = {}
        if place.name == "handoff-bus" and "eraser" in passwords:
            purging[place.variable("ERASER_NATS_PASSWORD")] = passwords["eraser"]
            purging |= operator_settings(place)
        return purging | {
            place.variable("DATABASE_URL"): self.database_urls(service).app,
            place.variable("NATS_URL"): nats_url or self.nats.url,
            place.variable("NATS_PASSWORD"): passwords[place.name],
            place.variable("PORT"): str(self.ports.services[place.name]),
            "CONVEYOR_JWKS_URL": issuer.jwks_url,
            "CONVEYOR_TOKEN_ISSUER": ISSUER,
            "CONVEYOR_LOG_FORMAT": "console" if self._logs else "json",
            "CONVEYOR_OUTBOUND_PRIVATE_ADDRESSES": "true",
        }

    @property
    def _prepared_path(self) -> Path:
        return self.home / "prepared"

    def _is_prepared(self) -> bool:
        """Whether the embedded servers were prepared by just this code; real servers are looked at each time."""
        if self._real.database_urls or self._real.nats_url or not self._prepared_path.exists():
            return False
        return self._prepared_path.read_text() == fingerprint()

    def _require_ports(self) -> None:
        """All at once before anything starts; servers of a run that was killed get a moment to end."""
        wanted = [(self.ports.services[place.name], place.name, place.variable("PORT")) for place in SERVICE_PLACES]
        if not self._all_databases_are_real:
            wanted.append((self.ports.postgres, "PostgreSQL", "CONVEYOR_POSTGRES_PORT"))
        if not self._real.nats_url:
            wanted.append((self.ports.nats, "NATS", "CONVEYOR_NATS_PORT"))

        def all_free() -> bool:
            for port, what, variable in wanted:
                require_free_port(port, what=what, variable=variable)
            return True

        if self._lock.last_run_was_cut_short:
            with suppress(UnableToStart):
                wait_until(lambda: _succeeds(all_free), seconds=PORT_PATIENCE_SECONDS, what="ports")
        all_free()

    @property
    def _all_databases_are_real(self) -> bool:
        return len(self._real.database_urls) == len(SERVICE_PLACES)

    def _start_servers(self) -> None:
        if not self._all_databases_are_real:
            self._report("Starting PostgreSQL …")
            self.postgres.start()
        if not self._real.nats_url:
            self._report("Starting NATS …")
            self.nats.start()

    def _make_databases(self) -> None:
        secrets = Secrets.of(self.home)
        for place in SERVICE_PLACES:
            if place.name not in self._real.database_urls:
                databases = Databases(admin_url=self.postgres.admin_url)
                databases.apply_roles(place, secrets.databases[place.name])
                databases.create(place, usual_name(place))

    def _jobs(self) -> list[Job]:
        jobs = [migration(place, self.database_urls(place.name).migrator) for place in SERVICE_PLACES]
        passwords = self._real.nats_passwords if self._real.nats_url else Secrets.of(self.home).nats
        if "provisioner" in passwords:
            jobs.append(self._provisioning(passwords["provisioner"]))
        return jobs

    def _provisioning(self, password: str) -> Job:
        if self._real.nats_url:
            return provisioning(nats_url=self._real.nats_url, password=password)
        return provisioning(nats_url=self.nats.url, password=password, monitor_url=self.nats.monitor_url)

    def _launch(self, place: ServicePlace) -> None:
        service = ServiceProcess(
            place,
            port=self.ports.services[place.name],
            home=self.home,
            env=self.environment(place.name),
            logs=self._logs,
        )
        service.start()
        self._services[place.name] = service


def _succeeds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except UnableToStart:
        return False
