"""Kind `onec_bank`: statements of a bank in the format 1CClientBankExchange, uploaded by somebody signed in."""

import secrets
from collections.abc import Sequence

from handoff_bus.sources.kinds.kind import BadSignature, SourceKind, SourceSettings, by_token
from handoff_bus.sources.kinds.onec_bank.parse import parse
from handoff_bus.sources.kinds.onec_bank.settings import OnecBankSettings
from handoff_bus.sources.kinds.onec_bank.statement import split
from handoff_bus.sources.kinds.payments.secrets import plain_key
from handoff_bus.sources.kinds.request import RawRequest


def _only_uploads(_: RawRequest, __: Sequence[bytes], ___: SourceSettings) -> None:
    raise BadSignature


ONEC_BANK = SourceKind(
    name="onec_bank",
    settings=OnecBankSettings,
    trust=by_token,
    verify=_only_uploads,
    parse=parse,
    split=split,
    mint_secret=secrets.token_urlsafe,
    read_secret=plain_key,
)
