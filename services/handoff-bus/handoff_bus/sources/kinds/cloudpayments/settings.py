"""Settings of kind `cloudpayments`."""

from typing import Literal

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.payments.names import OrderSystem

Notification = Literal["check", "pay", "fail", "confirm", "refund", "cancel", "recurrent", "receipt"]


class CloudPaymentsSettings(SourceSettings):
    """`notification` is for a source with one address per type; otherwise `?type=pay` ends the address.

    `order_is` says what an InvoiceId is. `two_stage` means that Pay only authorizes and Confirm moves the money.
    """

    notification: Notification | None = None
    order_is: OrderSystem = "invoice"
    two_stage: bool = False
