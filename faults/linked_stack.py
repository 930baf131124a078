"""A system whose services reach their servers over links, and whose parts can be killed and started one by one.

A part is a process: `closing`, its second replica `closing-2`, `postgres`, and `nats` or the nodes `nats-1` to
`nats-3`.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from conveyor_local.databases import Databases
from conveyor_local.department import SERVICES
from conveyor_local.home import Ports, Secrets
from conveyor_local.nats import EmbeddedNats
from conveyor_local.nats_cluster import NatsCluster
from conveyor_local.places import place_of
from conveyor_local.ports import free_port
from conveyor_local.preparation import Job, provisioning
from conveyor_local.processes import UnableToStart, wait_until
from conveyor_local.service_process import ServiceProcess
from conveyor_local.stack import LocalStack
from faults.link import LOOPBACK, Link

PORT_SECONDS_MAX = 20.0


class LinkedStack(LocalStack):
    """A LocalStack with a link from each service process to each server. Open the links before the services start."""

    def __init__(
        self, home: Path, *, ports: Ports | None = None, durable: bool = True, replicas: int = 1, nodes: int = 1
    ) -> None:
        super().__init__(home, ports=ports, durable=durable)
        self._nodes = nodes
        numbers = range(1, replicas + 1)
        self.service_parts: Mapping[str, str] = {
            service if number == 1 else f"{service}-{number}": service for number in numbers for service in SERVICES
        }
        """The service of each service process."""
        self._port_of = {
            part: self.ports.services[service] if part == service else free_port()
            for part, service in self.service_parts.items()
        }
        self._running: dict[str, ServiceProcess] = {}
        self.links: dict[tuple[str, str], Link] = {}
        """By service process and server."""

    @property
    def nats(self) -> EmbeddedNats:
        """The broker, or the cluster of brokers."""
        if self._nats is None and self._nodes > 1:
            passwords = Secrets.of(self.home).nats
            self._nats = NatsCluster(home=self.home, port=self.ports.nats, passwords=passwords, size=self._nodes)
        return super().nats

    @property
    def nodes(self) -> dict[str, EmbeddedNats]:
        """The brokers by name."""
        whole = self.nats
        if isinstance(whole, NatsCluster):
            return {f"nats-{number}": node for number, node in enumerate(whole.nodes, start=1)}
        return {"nats": whole}

    @property
    def base_urls(self) -> dict[str, list[str]]:
        """Where each service answers: its replicas."""
        urls: dict[str, list[str]] = {service: [] for service in SERVICES}
        for part, service in self.service_parts.items():
            urls[service].append(f"http://{LOOPBACK}:{self._port_of[part]}")
        return urls

    async def open_links(self) -> None:
        """One link from each service process to each server."""
        targets = {"postgres": self.ports.postgres, **{name: node.port for name, node in self.nodes.items()}}
        self.links = {(part, server): Link(port) for part in self.service_parts for server, port in targets.items()}
        for link in self.links.values():
            await link.open()

    async def close_links(self) -> None:
        """Once the services have ended."""
        for link in self.links.values():
            await link.close()

    async def start_services(self) -> None:
        """Prepare, and start every service process."""
        await asyncio.to_thread(self.prepare)
        await self.open_links()
        for part in self.service_parts:
            self.start_part(part)
        for part in self.service_parts:
            await asyncio.to_thread(self.wait_part, part)

    def start_part(self, part: str, **env: str) -> None:
        """Start a process that does not run, without waiting for a service to be ready."""
        if part == "postgres":
            self.postgres.start()
        elif part in self.nodes:
            self.nodes[part].start()
        else:
            self._start_service(part, env)

    def kill_part(self, part: str) -> None:
        """SIGKILL."""
        if part in self._running:
            self._running[part].kill()
        else:
            self._server(part).kill()

    def stop_part(self, part: str) -> None:
        """Stop in good order."""
        if part in self._running:
            self._running[part].stop()
        else:
            self._server(part).stop()

    def pid_of(self, part: str) -> int | None:
        """Its process, while there is meant to be one."""
        return self._running[part].pid if part in self._running else self._server(part).pid

    def wait_part(self, part: str, *, seconds: float = 60) -> None:
        """Wait until a service process is ready. Raises UnableToStart, also when it ended by itself."""
        wait_until(self._running[part].is_ready, seconds=seconds, what=f"{part} to be ready", every_seconds=0.05)

    def has_ended(self, part: str) -> bool:
        """Whether a service process that is meant to run ended by itself."""
        try:
            self._running[part].require_running()
        except UnableToStart:
            return True
        return False

    def stop(self) -> None:
        """Stop the service processes, then the rest."""
        for service in self._running.values():
            service.ask_to_stop()
        for service in self._running.values():
            service.stop()
        super().stop()

    def database(self) -> Databases:
        """The superuser's door."""
        return Databases(admin_url=self.postgres.admin_url)

    def _server(self, part: str) -> Any:  # noqa: ANN401 - both kinds of server are killed and stopped alike
        return self.postgres if part == "postgres" else self.nodes[part]

    def _start_service(self, part: str, env: Mapping[str, str]) -> None:
        place = place_of(self.service_parts[part])
        log_home = self.home if part == place.name else self.home / part
        log_home.mkdir(exist_ok=True)
        settings = {**self.environment(place.name), place.variable("PORT"): str(self._port_of[part]), **env}
        url = settings[place.variable("DATABASE_URL")]
        settings[place.variable("DATABASE_URL")] = _at_port(url, self.links[part, "postgres"].port)
        near = [f"nats://{LOOPBACK}:{self.links[part, node].port}" for node in self.nodes]
        settings[place.variable("NATS_URL")] = ",".join(near)
        process = ServiceProcess(place, port=self._port_of[part], home=log_home, env=settings, logs=None)
        # The port of a process that just ended may be an outgoing connection's for a moment.
        wait_until(lambda: _started(process), seconds=PORT_SECONDS_MAX, what=f"the port of {part}", every_seconds=0.3)
        self._running[part] = process

    def _provisioning(self, password: str) -> Job:
        return provisioning(
            nats_url=self.nats.url, password=password, monitor_url=self.nats.monitor_url, replicas=self._nodes
        )


def _started(process: ServiceProcess) -> bool:
    try:
        process.start()
    except UnableToStart:
        return False
    return True


def _at_port(url: str, port: int) -> str:
    """The same address at another port of loopback."""
    parts = urlsplit(url)
    user, found, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}{found}{LOOPBACK}:{port}"))
