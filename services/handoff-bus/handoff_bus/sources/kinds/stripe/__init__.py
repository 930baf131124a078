"""Kind `stripe`: signed events."""

from handoff_bus.sources.kinds.kind import SourceKind, signed
from handoff_bus.sources.kinds.payments.secrets import plain_key
from handoff_bus.sources.kinds.stripe.parse import parse
from handoff_bus.sources.kinds.stripe.settings import StripeSettings
from handoff_bus.sources.kinds.stripe.verify import HEADER, verify

STRIPE = SourceKind(
    name="stripe",
    tells_one=True,
    settings=StripeSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    mint_secret=None,
    read_secret=plain_key,
    redacted_headers=frozenset({HEADER}),
)
