"""Settings of kind `tbank`."""

from handoff_bus.sources.kinds.kind import SourceSettings
from handoff_bus.sources.kinds.payments.addresses import ApiUrl
from handoff_bus.sources.kinds.payments.names import OrderSystem


class TbankSettings(SourceSettings):
    """`order_is` says what an OrderId is; the source's secret is the terminal's password, here and for GetState."""

    api_url: ApiUrl = "https://securepay.tinkoff.ru/v2"
    order_is: OrderSystem = "invoice"
