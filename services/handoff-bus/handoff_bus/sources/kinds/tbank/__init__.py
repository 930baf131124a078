"""Kind `tbank`: acquiring notifications of T-Bank (Tinkoff), signed by a Token in the body."""

from handoff_bus.sources.kinds.kind import SourceKind, signed
from handoff_bus.sources.kinds.payments.secrets import plain_key
from handoff_bus.sources.kinds.tbank.parse import answer, authorize, complete, parse
from handoff_bus.sources.kinds.tbank.settings import TbankSettings
from handoff_bus.sources.kinds.tbank.token import verify

TBANK = SourceKind(
    name="tbank",
    tells_one=True,
    settings=TbankSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    complete=complete,
    authorize=authorize,
    answer=answer,
    mint_secret=None,
    read_secret=plain_key,
)
