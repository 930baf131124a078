"""Where things lie in the checkout, and which services there are."""

from dataclasses import dataclass
from pathlib import Path

from conveyor.contracts.registry import SERVICES

CHECKOUT = Path(__file__).resolve().parents[3]
DEPLOY = CHECKOUT / "deploy"
NATS = DEPLOY / "nats"
POSTGRES = DEPLOY / "postgres"

_DEFAULT_PORTS = {"handoff-bus": 8100, "telemarketing": 8101, "closing": 8102, "account": 8103}


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """One service: its name (`handoff-bus`), its package (`handoff_bus`) and its default port."""

    name: str

    @property
    def package(self) -> str:
        """The Python package, also the middle of its database's and roles' names."""
        return self.name.replace("-", "_")

    @property
    def default_port(self) -> int:
        """The port of SURFACE.md; CONVEYOR_<SERVICE>_PORT sets another."""
        return _DEFAULT_PORTS[self.name]

    def variable(self, what: str) -> str:
        """The name of an environment variable of this service, e.g. CONVEYOR_HANDOFF_BUS_PORT."""
        return f"CONVEYOR_{self.package.upper()}_{what}"


SERVICE_PLACES: tuple[ServicePlace, ...] = tuple(ServicePlace(name) for name in SERVICES)


def place_of(service: str) -> ServicePlace:
    """The service of this name or package name. Raises KeyError for another."""
    return {**{place.package: place for place in SERVICE_PLACES}, **{place.name: place for place in SERVICE_PLACES}}[
        service
    ]
