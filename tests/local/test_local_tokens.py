"""Tokens of the local issuer, read as a service reads an OIDC issuer's."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from conveyor.kit.clock import FrozenClock
from conveyor.kit.ids import new_id
from conveyor_local.tokens import AUDIENCE, ISSUER, KEY_ID, TokenIssuer

NOW = datetime.now(UTC).replace(microsecond=0)


def _read(issuer: TokenIssuer, token: str, **more: Any) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict(json.loads(issuer.jwks_path.read_text()))
    claims: dict[str, Any] = jwt.decode(
        token,
        keys[jwt.get_unverified_header(token)["kid"]],
        algorithms=["ES256"],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        **more,
    )
    return claims


def test_a_token_says_who_and_for_how_long(tmp_path: Path) -> None:
    issuer = TokenIssuer(tmp_path, clock=FrozenClock(NOW))
    employee = new_id()

    token = issuer.token(role="sdr", employee_id=employee)
    claims = _read(issuer, token)

    assert (claims["role"], claims["employee_id"], claims["sub"]) == ("sdr", str(employee), str(employee))
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}


def test_a_role_without_an_employee_has_a_subject_too(tmp_path: Path) -> None:
    issuer = TokenIssuer(tmp_path)

    claims = _read(issuer, issuer.token(role="head", hours=1))

    assert claims["sub"] == "local:head"
    assert "employee_id" not in claims
    assert claims["exp"] - claims["iat"] == 12 * 3600


def test_the_key_is_made_once_and_is_secret(tmp_path: Path) -> None:
    token = TokenIssuer(tmp_path).token(role="head")

    assert _read(TokenIssuer(tmp_path), token)["role"] == "head"
    assert stat.S_IMODE((tmp_path / "token-key.pem").stat().st_mode) == 0o600
    assert '"d"' not in (tmp_path / "jwks.json").read_text()


def test_a_token_of_another_home_is_refused(tmp_path: Path) -> None:
    token = TokenIssuer(tmp_path / "one").token(role="head")

    with pytest.raises(jwt.InvalidSignatureError):
        _read(TokenIssuer(tmp_path / "other"), token)


def test_a_token_ends(tmp_path: Path) -> None:
    issuer = TokenIssuer(tmp_path, clock=FrozenClock(NOW - timedelta(hours=13)))

    with pytest.raises(jwt.ExpiredSignatureError):
        _read(issuer, issuer.token(role="head"))
