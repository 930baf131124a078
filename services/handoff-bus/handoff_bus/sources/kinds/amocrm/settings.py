"""What a source of kind `amocrm` may be told."""

from typing import Annotated

from pydantic import Field, StringConstraints

from handoff_bus.sources.kinds.inbound import InboundSettings

OutsideId = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AmocrmSettings(InboundSettings):
    """`account_id` and `subdomain` are compared with what deliveries name; `pipeline_ids` says whose leads are ours."""

    account_id: OutsideId | None = None
    subdomain: OutsideId | None = None
    pipeline_ids: Annotated[tuple[OutsideId, ...], Field(max_length=100)] = ()
