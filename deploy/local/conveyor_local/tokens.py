"""The local token issuer: an ES256 key in the home, its public half as a JWKS file, tokens like an OIDC issuer's.

For development and tests; in production services are given the JWKS address of a real issuer.
"""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conveyor.kit.clock import Clock, SystemClock
from conveyor.kit.ids import new_id

ISSUER = "conveyor-local"
AUDIENCE = "conveyor"
KEY_ID = "local-1"
ALGORITHM = "ES256"
HOURS_MIN = 12
# What services take at most, unless they are told otherwise.
HOURS_MAX = 31 * 24


class TokenIssuer:
    """Signs bearer tokens with the key of one home, which is made once."""

    def __init__(self, home: Path, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._key_path = home / "token-key.pem"
        self.jwks_path = home / "jwks.json"
        self._key = self._load_or_make()

    @property
    def jwks_url(self) -> str:
        """The file:// address that services read the public key from."""
        return self.jwks_path.resolve().as_uri()

    def token(self, *, role: str, employee_id: UUID | None = None, hours: int = HOURS_MIN) -> str:
        """A bearer token for a role, and for an employee if he is named; lives at least 12 hours.

        The subject is the employee, or `local:<role>`.
        """
        now = self._clock.now()
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(employee_id) if employee_id else f"local:{role}",
            "jti": str(new_id()),
            "iat": now,
            "nbf": now - timedelta(seconds=5),
            "exp": now + timedelta(hours=max(hours, HOURS_MIN)),
            "role": role,
        }
        if employee_id:
            claims["employee_id"] = str(employee_id)
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": KEY_ID})

    def _load_or_make(self) -> ec.EllipticCurvePrivateKey:
        if not self._key_path.exists():
            self._make()
        key = serialization.load_pem_private_key(self._key_path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            msg = f"{self._key_path} holds no ES256 key; remove it and a new one is made."
            raise TypeError(msg)
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
        self.jwks_path.write_text(json.dumps({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": ALGORITHM}]}))
        return key

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._key_path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._key_path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(text)
        unfinished.rename(self._key_path)
