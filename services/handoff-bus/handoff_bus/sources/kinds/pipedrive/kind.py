"""Kind `pipedrive`. The secret is `user:password` as typed in when the webhook was created; nothing is signed."""

from collections.abc import Sequence

from handoff_bus.sources.formats.proofs import check_basic, mint_login, read_login
from handoff_bus.sources.kinds.kind import ProviderAnswer, SourceKind, by_token
from handoff_bus.sources.kinds.pipedrive.parse import PipedriveSettings, parse
from handoff_bus.sources.kinds.request import RawRequest


def verify(request: RawRequest, keys: Sequence[bytes], _: PipedriveSettings) -> None:
    """Compares user and password. Raises BadSignature."""
    check_basic(request, keys)


def answer(_: RawRequest, __: PipedriveSettings) -> ProviderAnswer:
    """Any success within ten seconds; ten failures and Pipedrive is silent for half an hour."""
    return ProviderAnswer()


PIPEDRIVE = SourceKind(
    name="pipedrive",
    tells_one=True,
    settings=PipedriveSettings,
    trust=by_token,
    verify=verify,
    parse=parse,
    answer=answer,
    mint_secret=mint_login,
    read_secret=read_login,
)
