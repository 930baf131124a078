"""From a bearer token to a Principal: signature, issuer, audience, times, role.

Nothing in the token chooses the key but its `kid`, and the key chooses the algorithm.
"""

import hashlib
import logging
from collections import OrderedDict
from typing import Any, Final
from uuid import UUID

import jwt
from jwt.types import Options

from conveyor.kit.clock import Clock
from conveyor.kit.http.jwks import ALGORITHMS, JwksCache
from conveyor.kit.http.principals import Principal, Unauthenticated

LEEWAY_SECONDS: Final = 30
REMEMBERED_SECONDS: Final = 60
REMEMBERED_MAX: Final = 10_000
TOKEN_CHARACTERS_MAX: Final = 8_192
DAYS_MAX: Final = 31
ROLES_OF_THE_LINE: Final = frozenset({"sdr", "ae", "am"})
# RFC 7515, RFC 9068: headers by which a token would name its own key or rules are refused, not ignored.
FORBIDDEN_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})
TOKEN_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})

# The times are checked here, by the service's clock.
OPTIONS: Final[Options] = {
    "require": ["exp", "iat", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}

logger = logging.getLogger(__name__)


class TokenVerifier:
    """Checks tokens of one issuer for one audience. `roles` are the roles that exist.

    A good token is remembered for up to 60 seconds (never past its `exp`): a key withdrawn by the issuer therefore
    stops working within the key cache's freshness plus that minute. A right that the issuer takes from somebody ends
    with his token, so none may live longer than `days_max` from now.
    """

    def __init__(
        self,
        *,
        keys: JwksCache,
        issuer: str,
        audience: str,
        roles: frozenset[str],
        clock: Clock,
        days_max: int = DAYS_MAX,
    ) -> None:
        self._seconds_max = days_max * 24 * 3600
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._roles = roles
        self._clock = clock
        self._remembered: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def principal(self, token: str) -> Principal:
        """The caller. Raises Unauthenticated for every kind of bad token, without saying which; the log says it."""
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Unauthenticated
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        now = self._clock.now().timestamp()
        known = self._remembered.get(digest)
        if known is not None and now < known[0]:
            return known[1]
        try:
            claims = await self._claims(token, now=now)
            principal = self._read(claims)
        except (jwt.PyJWTError, ValueError) as refused:
            logger.info("a token was refused: %s", type(refused).__name__)
            raise Unauthenticated from refused
        self._remember(digest, until=min(claims["exp"] + LEEWAY_SECONDS, now + REMEMBERED_SECONDS), principal=principal)
        return principal

    async def _claims(self, token: str, *, now: float) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if not isinstance(kid, str) or header.get("alg") not in ALGORITHMS or FORBIDDEN_HEADERS & header.keys():
            msg = "the header is not acceptable"
            raise jwt.InvalidTokenError(msg)
        if str(header.get("typ", "JWT")).lower() not in TOKEN_TYPES:
            msg = "not an access token"
            raise jwt.InvalidTokenError(msg)
        key = await self._keys.key(kid)
        if key is None or key.algorithm_name != header["alg"]:
            msg = "no such key with this algorithm"
            raise jwt.InvalidTokenError(msg)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=self._issuer,
            audience=self._audience,
            options=OPTIONS,
        )
        _check_times(claims, now=now, seconds_max=self._seconds_max)
        return claims

    def _read(self, claims: dict[str, Any]) -> Principal:
        role, subject, named = claims.get("role"), claims["sub"], claims.get("employee_id")
        if not isinstance(role, str) or role not in self._roles:
            msg = "unknown role"
            raise ValueError(msg)
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            msg = "unusable subject"
            raise ValueError(msg)
        if named is not None and not isinstance(named, str):
            msg = "employee_id is no text"
            raise ValueError(msg)
        employee_id = None if named is None else UUID(named)
        if employee_id is None and role in ROLES_OF_THE_LINE:
            msg = "a person of the line without employee_id"
            raise ValueError(msg)
        return Principal(subject=subject, role=role, employee_id=employee_id)

    def _remember(self, digest: bytes, *, until: float, principal: Principal) -> None:
        self._remembered[digest] = (until, principal)
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)


def _check_times(claims: dict[str, Any], *, now: float, seconds_max: float) -> None:
    """By the service's clock rather than the library's, so that tests and services share one notion of now."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if not all(type(value) in {int, float} and abs(value) < 2**40 for value in times.values()):
        msg = "a time is no number"
        raise jwt.InvalidTokenError(msg)
    if times["exp"] + LEEWAY_SECONDS <= now:
        raise jwt.ExpiredSignatureError
    if times["exp"] - LEEWAY_SECONDS > now + seconds_max:
        msg = "it lives too long"
        raise jwt.InvalidTokenError(msg)
    if max(times["iat"], times.get("nbf", times["iat"])) - LEEWAY_SECONDS > now:
        raise jwt.ImmatureSignatureError
