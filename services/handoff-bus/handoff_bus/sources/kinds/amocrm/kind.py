"""Kind `amocrm`: amoCRM signs nothing, so the address that it is given ends with `?token=<secret>`."""

from collections.abc import Sequence

from handoff_bus.sources.formats.proofs import TOKEN_PARAMETER, check_query_token, mint_token, read_token
from handoff_bus.sources.kinds.amocrm.parse import parse
from handoff_bus.sources.kinds.amocrm.settings import AmocrmSettings
from handoff_bus.sources.kinds.kind import ProviderAnswer, SourceKind, by_token
from handoff_bus.sources.kinds.request import RawRequest


def verify(request: RawRequest, keys: Sequence[bytes], _: AmocrmSettings) -> None:
    """Refuses a delivery whose address lacks the token. Raises BadSignature."""
    check_query_token(request, keys)


def answer(_: RawRequest, __: AmocrmSettings) -> ProviderAnswer:
    """Anything from 200 to 299 within two seconds; too many others and amoCRM stops sending."""
    return ProviderAnswer()


AMOCRM = SourceKind(
    name="amocrm",
    settings=AmocrmSettings,
    trust=by_token,
    verify=verify,
    parse=parse,
    answer=answer,
    mint_secret=mint_token,
    read_secret=read_token,
    redacted_query=frozenset({TOKEN_PARAMETER}),
)
