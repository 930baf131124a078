"""Kind `robokassa`: ResultURL calls, signed by a hash with the shop's second password."""

from handoff_bus.sources.kinds.kind import SourceKind, signed
from handoff_bus.sources.kinds.payments.secrets import plain_key
from handoff_bus.sources.kinds.robokassa.parse import answer, parse
from handoff_bus.sources.kinds.robokassa.settings import RobokassaSettings
from handoff_bus.sources.kinds.robokassa.verify import verify

ROBOKASSA = SourceKind(
    name="robokassa",
    tells_one=True,
    settings=RobokassaSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    answer=answer,
    methods=frozenset({"GET", "POST"}),
    mint_secret=None,
    read_secret=plain_key,
    redacted_query=frozenset({"SignatureValue"}),
)
