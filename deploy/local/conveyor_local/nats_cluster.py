"""Three NATS servers on loopback that keep every message three times, under deploy/nats/nats-cluster.conf."""

import json
import shutil
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from conveyor_local.nats import EmbeddedNats
from conveyor_local.places import NATS
from conveyor_local.ports import free_port
from conveyor_local.processes import wait_until

LEADER_SECONDS_MAX = 60


class NatsNode(EmbeddedNats):
    """One server of a cluster; `routes` are the cluster ports of all, its own is `cluster_port`.

    `name` is its name there.
    """

    configuration = NATS / "nats-cluster.conf"

    def __init__(
        self, *, home: Path, port: int, passwords: Mapping[str, str], cluster_port: int, routes: Sequence[int]
    ) -> None:
        super().__init__(home=home, port=port, passwords=passwords)
        self.name = f"conveyor-{cluster_port}"
        self._cluster_port = cluster_port
        self._routes = routes

    def environment(self) -> dict[str, str]:
        """What the configuration file asks of the environment."""
        return super().environment() | {
            "CONVEYOR_NATS_SERVER_NAME": self.name,
            "CONVEYOR_NATS_CLUSTER_LISTEN": f"127.0.0.1:{self._cluster_port}",
            "CONVEYOR_NATS_ROUTES": json.dumps([f"nats://127.0.0.1:{port}" for port in self._routes]),
        }


class NatsCluster(EmbeddedNats):
    """All of them as one server that starts and stops; `nodes` one by one."""

    def __init__(self, *, home: Path, port: int, passwords: Mapping[str, str], size: int = 3) -> None:
        super().__init__(home=home, port=port, passwords=passwords)
        routes = [free_port() for _ in range(size)]
        self.nodes = tuple(
            NatsNode(
                home=home / f"nats-{number}",
                port=port if number == 1 else free_port(),
                passwords=passwords,
                cluster_port=cluster_port,
                routes=routes,
            )
            for number, cluster_port in enumerate(routes, start=1)
        )

    @property
    def url(self) -> str:
        """Where clients connect: all nodes."""
        return ",".join(node.url for node in self.nodes)

    @property
    def monitor_url(self) -> str:
        """Where the first node tells about itself."""
        return self.nodes[0].monitor_url

    def start(self, *, seconds: float = 30) -> None:
        """Start all and wait until they have agreed on a leader."""
        for node in self.nodes:
            node.start(seconds=seconds)
        wait_until(self._has_leader, seconds=LEADER_SECONDS_MAX, what="the NATS cluster to have a leader")

    def stop(self) -> None:
        """Ask all to end."""
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """SIGKILL all."""
        for node in self.nodes:
            node.kill()

    def forget(self) -> None:
        """Remove all data. The servers must be stopped."""
        for node in self.nodes:
            node.forget()
            shutil.rmtree(node.log_path.parent, ignore_errors=True)

    def _has_leader(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.monitor_url}/jsz", timeout=2) as answer:  # noqa: S310 - our own server
            return bool(json.load(answer).get("meta_cluster", {}).get("leader"))
        return False
