"""What a source of kind `bitrix24` may be told."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from handoff_bus.sources.kinds.inbound import InboundSettings


class Bitrix24Settings(InboundSettings):
    """`member_id` is compared with what deliveries name; `inbound` says whose birth is an inbound lead.

    `api_url` is an incoming webhook of the portal (`https://<portal>/rest/<user>/<code>/`), by which leads and deals
    are read: an event carries only their id.
    """

    member_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    inbound: Annotated[tuple[Literal["lead", "deal"], ...], Field(max_length=2)] = ("lead",)
    api_url: SecretStr | None = None

    @model_validator(mode="after")
    def _api_is_a_url(self) -> Self:
        if self.api_url is not None and not self.api_url.get_secret_value().startswith(("https://", "http://")):
            msg = "api_url must be an address"
            raise ValueError(msg)
        return self
