"""Settings of kind `robokassa`."""

from typing import Literal

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.payments.names import OrderSystem


class RobokassaSettings(SourceSettings):
    """`hash_algorithm` is the shop's setting; `order_is` says what an InvId is; `currency` is the shop's."""

    hash_algorithm: Literal["md5", "sha1", "sha256", "sha384", "sha512"] = "md5"
    order_is: OrderSystem = "invoice"
    currency: Literal["RUB", "KZT", "USD", "EUR"] = "RUB"
