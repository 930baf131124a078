"""Kind `cloudpayments`: notifications signed by an HMAC with the API secret."""

from handoff_bus.sources.kinds.cloudpayments.parse import answer, parse
from handoff_bus.sources.kinds.cloudpayments.settings import CloudPaymentsSettings
from handoff_bus.sources.kinds.cloudpayments.verify import HEADERS, verify
from handoff_bus.sources.kinds.kind import SourceKind, signed
from handoff_bus.sources.kinds.payments.secrets import plain_key

CLOUDPAYMENTS = SourceKind(
    name="cloudpayments",
    tells_one=True,
    settings=CloudPaymentsSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    answer=answer,
    methods=frozenset({"GET", "POST"}),
    mint_secret=None,
    read_secret=plain_key,
    redacted_headers=frozenset(HEADERS),
)
