"""Settings of kind `stripe`."""

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.payments.names import OrderSystem


class StripeSettings(SourceSettings):
    """`order_is` says what `client_reference_id` and `metadata.order_id` are."""

    order_is: OrderSystem = "invoice"
