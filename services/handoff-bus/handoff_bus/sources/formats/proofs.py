"""Shared secrets: tokens in the address, basic authentication, allowed networks; compared in constant time."""

import base64
import binascii
import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Sequence

from handoff_bus.sources.formats.trees import pairs_of
from handoff_bus.sources.kinds.kind import BadSignature, UnreadableDelivery
from handoff_bus.sources.kinds.request import RawRequest

SECRET_LENGTH_MIN, SECRET_LENGTH_MAX = 1, 500
TOKEN_LENGTH_MIN = 16
TOKEN_PARAMETER = "token"  # noqa: S105 - the name of a parameter


def mint_token() -> str:
    """A random token of 43 letters that needs no escaping in an address."""
    return secrets.token_urlsafe(32)


def mint_login() -> str:
    """A user and a password for basic authentication."""
    return f"conveyor:{mint_token()}"


def read_text(secret: str) -> bytes:
    """The key in a provider's own secret: its bytes. Raises ValueError."""
    if not SECRET_LENGTH_MIN <= len(secret) <= SECRET_LENGTH_MAX or not secret.isprintable():
        msg = f"must be {SECRET_LENGTH_MIN} to {SECRET_LENGTH_MAX} printable characters"
        raise ValueError(msg)
    return secret.encode()


def read_token(secret: str) -> bytes:
    """The key in a token that stands for a signature. Raises ValueError for one that can be guessed."""
    if len(secret) < TOKEN_LENGTH_MIN:
        msg = f"must have at least {TOKEN_LENGTH_MIN} characters"
        raise ValueError(msg)
    return read_text(secret)


def read_login(secret: str) -> bytes:
    """The key in `user:password`. Raises ValueError."""
    if ":" not in secret:
        msg = "must be user:password"
        raise ValueError(msg)
    return read_token(secret)


def check_secret(offered: str, keys: Sequence[bytes]) -> None:
    """Refuses what is none of the keys. Raises BadSignature."""
    given = offered.encode("utf-8", "surrogatepass")
    # Every key is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(key, given) for key in keys]
    if not any(matches):
        raise BadSignature


def check_query_token(request: RawRequest, keys: Sequence[bytes]) -> None:
    """The address must end with `?token=<secret>`. Raises BadSignature."""
    check_secret(query_value(request, TOKEN_PARAMETER), keys)


def query_value(request: RawRequest, name: str) -> str:
    """A parameter of the address; empty when it is not there."""
    try:
        return dict(pairs_of(request.query.encode("latin-1", "replace"))).get(name, "")
    except UnreadableDelivery:
        return ""


def check_basic(request: RawRequest, keys: Sequence[bytes]) -> None:
    """The `authorization` must be Basic with a key of the form `user:password`. Raises BadSignature."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        offered = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadSignature from None
    if scheme.lower() != "basic":
        raise BadSignature
    check_secret(offered, keys)


def check_bearer(request: RawRequest, keys: Sequence[bytes]) -> None:
    """The `authorization` must be Bearer with one of the keys. Raises BadSignature."""
    scheme, _, offered = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise BadSignature
    check_secret(offered.strip(), keys)


def check_network(request: RawRequest, networks: Iterable[str]) -> None:
    """It must come from one of these networks (CIDR). Raises BadSignature."""
    try:
        sender = ipaddress.ip_address(request.sender or "")
    except ValueError:
        raise BadSignature from None
    if not any(sender in ipaddress.ip_network(network, strict=False) for network in networks):
        raise BadSignature
