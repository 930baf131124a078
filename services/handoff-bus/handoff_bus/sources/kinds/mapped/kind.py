"""Kind `mapped`: for whatever has no kind of its own."""

import base64
import binascii
import hmac
from collections.abc import Sequence

from handoff_bus.sources.formats.proofs import check_basic, check_secret, mint_token, read_token
from handoff_bus.sources.kinds.kind import BadSignature, SourceKind, Trust
from handoff_bus.sources.kinds.mapped.parse import parse
from handoff_bus.sources.kinds.mapped.settings import MappedSettings
from handoff_bus.sources.kinds.request import RawRequest


def trust(settings: MappedSettings) -> Trust:
    """As the settings say."""
    return "signature" if settings.proof == "hmac_sha256" else "token"


def verify(request: RawRequest, keys: Sequence[bytes], settings: MappedSettings) -> None:
    """The proof that the settings name. Raises BadSignature."""
    if settings.proof == "basic":
        check_basic(request, keys)
        return
    offered = request.headers.get(settings.proof_header, "")
    if not offered.startswith(settings.proof_prefix):
        raise BadSignature
    offered = offered[len(settings.proof_prefix) :]
    if settings.proof == "token":
        check_secret(offered, keys)
        return
    try:
        given = bytes.fromhex(offered) if settings.encoding == "hex" else base64.b64decode(offered, validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature from None
    matches = [hmac.compare_digest(hmac.digest(key, request.body, "sha256"), given) for key in keys]
    if not any(matches):
        raise BadSignature


def headers_to_redact(settings: MappedSettings) -> frozenset[str]:
    """The header that proves."""
    return frozenset({settings.proof_header})


MAPPED = SourceKind(
    name="mapped",
    settings=MappedSettings,
    trust=trust,
    verify=verify,
    parse=parse,
    mint_secret=mint_token,
    read_secret=read_token,
    headers_to_redact=headers_to_redact,
)
