"""The room as a service includes it."""

from conveyor.erasing.carry_out import Eraser
from conveyor.erasing.listeners import listen
from conveyor.erasing.restored import RestoreGate
from conveyor.erasing.steps import Steps, joined
from conveyor.kit.service import Service


def attach(service: Service, *rooms: Steps) -> None:
    """Erase by the steps of these rooms. Last of all: what other listeners write of the same facts comes before."""
    steps = joined(*rooms)
    listen(service.listeners, steps=steps)
    service.gates.append(RestoreGate(service.database))
    service.background.append(Eraser(service.database, consumer=service.consumer, steps=steps))
