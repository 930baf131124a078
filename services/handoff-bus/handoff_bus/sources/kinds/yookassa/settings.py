"""Settings of kind `yookassa`."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.payments.addresses import ApiUrl
from handoff_bus.sources.kinds.payments.names import OrderSystem

NETWORKS = (
    "185.71.76.0/27",
    "185.71.77.0/27",
    "77.75.153.0/25",
    "77.75.156.11/32",
    "77.75.156.35/32",
    "77.75.154.128/25",
    "2a02:5180::/32",
)
"""Where YooKassa sends from (yookassa.ru/developers/using-api/webhooks)."""


def _is_network(text: str) -> str:
    ip_network(text)
    return text


Network = Annotated[str, AfterValidator(_is_network)]


class YooKassaSettings(SourceSettings):
    """`shop_id`, with the API's secret key as the source's secret, is for asking the API.

    `order_is` says what `metadata.order_id` is. `networks` are the sender addresses let in, for a bus that sees them;
    empty where a proxy hides them. Either way only what the API says moves money.
    """

    shop_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$", coerce_numbers_to_str=True)] | None = None
    api_url: ApiUrl = "https://api.yookassa.ru/v3"
    order_is: OrderSystem = "invoice"
    networks: Annotated[tuple[Network, ...], Field(max_length=50)] = ()
