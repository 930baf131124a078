"""Settings of closing, from the environment: `CONVEYOR_CLOSING_…`, else the shared `CONVEYOR_…`."""

from conveyor.kit.settings import ServiceSettings


class ClosingSettings(ServiceSettings):
    """What closing needs to start."""

    service: str = "closing"
    port: int = 8102
