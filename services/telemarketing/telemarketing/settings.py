"""Settings of this service beyond those that every service has."""

from typing import Annotated

from pydantic import Field

from conveyor.kit.settings import ServiceSettings


class TelemarketingSettings(ServiceSettings):
    """`queue_lease_minutes`: how long a lead given out by the queue is nobody else's. `import_rows_max`: one file."""

    service: str = "telemarketing"
    port: Annotated[int, Field(ge=1, le=65535)] = 8101
    queue_lease_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    import_rows_max: Annotated[int, Field(ge=1, le=20_000)] = 5000
