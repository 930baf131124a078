"""Settings of account, from the environment: `CONVEYOR_ACCOUNT_…`, else the shared `CONVEYOR_…`."""

from conveyor.kit.settings import ServiceSettings


class AccountSettings(ServiceSettings):
    """What account needs to start."""

    service: str = "account"
    port: int = 8103
