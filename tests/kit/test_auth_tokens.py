"""Only a token of the issuer, for us, now, with a known role, lets anybody in."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conveyor.kit.clock import FrozenClock
from conveyor.kit.http.auth import ROLES
from conveyor.kit.http.jwks import JwksCache
from conveyor.kit.http.principals import Unauthenticated
from conveyor.kit.http.tokens import TokenVerifier
from tests.kit.sample_app import EMPLOYEE, ISSUER, NOW, Issuer, calling, keys_file, sample_app, sample_service

SOON = int(NOW.timestamp())


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def verifier(issuer: Issuer, tmp_path: Path) -> TokenVerifier:
    keys = JwksCache(keys_file(tmp_path, issuer).as_uri())
    return TokenVerifier(keys=keys, issuer=ISSUER, audience="conveyor", roles=ROLES, clock=FrozenClock(NOW))


@pytest.fixture
async def client(issuer: Issuer, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(sample_app(sample_service(keys_file(tmp_path, issuer)))) as client:
        yield client


async def test_a_good_token_names_its_caller(issuer: Issuer, verifier: TokenVerifier) -> None:
    principal = await verifier.principal(issuer.token())

    assert (principal.subject, principal.role, principal.employee_id) == ("somebody", "ae", EMPLOYEE)


async def test_audience_may_be_a_list_and_payroll_needs_no_employee(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = issuer.token(aud=["other", "conveyor"], role="payroll", employee_id=None)

    assert (await verifier.principal(token)).employee_id is None


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": SOON - 31},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": SOON + 32 * 24 * 3600},
        {"iat": None},
        {"iat": SOON + 60},
        {"nbf": SOON + 60},
        {"iss": None},
        {"iss": "https://issuer.example.evil"},
        {"iss": "https://issuer"},
        {"aud": None},
        {"aud": "conveyor2"},
        {"aud": "convey"},
        {"aud": []},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x\ny"},
        {"sub": "x" * 300},
        {"role": None},
        {"role": "superuser"},
        {"role": ["admin"]},
        {"role": "AE"},
        {"employee_id": None},
        {"employee_id": "me"},
        {"employee_id": 12},
        {"role": "sdr", "employee_id": None},
        {"role": "am", "employee_id": None},
    ],
    ids=str,
)
async def test_wrong_claims_are_refused(issuer: Issuer, verifier: TokenVerifier, changes: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**issuer.claims(), **changes}.items() if value is not None}
    # Signed by hand: the library itself would refuse to make some of these.
    token = jwt.api_jws.encode(json.dumps(claims).encode(), issuer.key, "ES256", headers={"kid": issuer.kid})

    with pytest.raises(Unauthenticated):
        await verifier.principal(token)


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": None},
        {"kid": "other"},
        {"kid": 7},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/x5u"},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"typ": "logout+jwt"},
        {"alg": "none"},
        {"alg": "nOnE"},
        {"alg": "RS256"},
        {"alg": "HS256"},
        {"alg": "ES384"},
    ],
    ids=str,
)
async def test_wrong_headers_are_refused(issuer: Issuer, verifier: TokenVerifier, headers: dict[str, Any]) -> None:
    token = forged(issuer, {"alg": "ES256", "typ": "JWT", "kid": issuer.kid, **headers})

    with pytest.raises(Unauthenticated):
        await verifier.principal(token)


async def test_a_key_in_the_token_is_not_used(issuer: Issuer, verifier: TokenVerifier) -> None:
    stranger = Issuer(kid=issuer.kid)

    with pytest.raises(Unauthenticated):
        await verifier.principal(stranger.token())
    with pytest.raises(Unauthenticated):
        await verifier.principal(stranger.token(headers={"jwk": stranger.jwks["keys"][0]}))


async def test_an_unsigned_token_is_refused(issuer: Issuer, verifier: TokenVerifier) -> None:
    for algorithm in ("none", "None", "ES256"):
        head = encoded({"alg": algorithm, "kid": issuer.kid})
        with pytest.raises(Unauthenticated):
            await verifier.principal(f"{head}.{encoded(issuer.claims())}.")


async def test_the_public_key_is_no_shared_secret(issuer: Issuer, verifier: TokenVerifier) -> None:
    public = issuer.key.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, json.dumps(issuer.jwks["keys"][0]).encode()):
        signed = f"{encoded({'alg': 'HS256', 'kid': issuer.kid})}.{encoded(issuer.claims())}"
        signature = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), hashlib.sha256)).rstrip(b"=")
        with pytest.raises(Unauthenticated):
            await verifier.principal(f"{signed}.{signature.decode()}")


@given(text=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_that_is_no_token_is_refused(verifier: TokenVerifier, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.principal(text)


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
async def test_the_other_algorithms_work_with_their_keys_alone(algorithm: str, tmp_path: Path) -> None:
    key: Any = rsa.generate_private_key(65537, 2048) if algorithm == "RS256" else ed25519.Ed25519PrivateKey.generate()
    maker = jwt.algorithms.RSAAlgorithm if algorithm == "RS256" else jwt.algorithms.OKPAlgorithm
    entry = {**json.loads(maker.to_jwk(key.public_key())), "kid": "k", "alg": algorithm}
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [entry, {"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256"}, {}]}))
    keys = JwksCache(path.as_uri())
    verifier = TokenVerifier(keys=keys, issuer=ISSUER, audience="conveyor", roles=ROLES, clock=FrozenClock(NOW))

    token = jwt.encode(Issuer().claims(), key, algorithm, headers={"kid": "k"})

    assert (await verifier.principal(token)).role == "ae"
    for kid, other in (("k", "ES256"), ("s", "HS256")):
        secret: Any = ec.generate_private_key(ec.SECP256R1()) if other == "ES256" else b"secret" * 8
        with pytest.raises(Unauthenticated):
            await verifier.principal(jwt.encode(Issuer().claims(), secret, other, headers={"kid": kid}))


async def test_a_remembered_token_still_ends_with_its_time(issuer: Issuer, tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    keys = JwksCache(keys_file(tmp_path, issuer).as_uri())
    verifier = TokenVerifier(keys=keys, issuer=ISSUER, audience="conveyor", roles=ROLES, clock=clock)
    token = issuer.token(exp=SOON + 10)
    await verifier.principal(token)

    clock.set(NOW + timedelta(seconds=39))
    await verifier.principal(token)
    clock.set(NOW + timedelta(seconds=40))

    with pytest.raises(Unauthenticated):
        await verifier.principal(token)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Bearer " + "x" * 9000},
    ],
    ids=lambda headers: str(headers)[:40],
)
async def test_without_a_good_token_the_answer_is_401(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/v1/seen", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthenticated"


async def test_a_token_in_the_query_or_given_twice_is_no_token(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    token = issuer.token()
    assert (await client.post("/v1/seen", params={"access_token": token})).status_code == 401
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert (await client.post("/v1/seen", headers=twice)).status_code == 401


async def test_another_role_is_403_and_the_actor_is_known(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    part = {"name": "bolt", "price": {"amount": "1.00", "currency": "RUB"}}
    answer = await client.post("/v1/parts", json=part, headers=issuer.bearer(role="payroll", employee_id=None))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    seen = await client.post("/v1/seen", headers=issuer.bearer(role="payroll", employee_id=None))
    assert seen.json()["actor"] == "payroll:somebody"


async def test_who_acts_for_whom(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    part = {"name": "bolt", "price": {"amount": "1.00", "currency": "RUB"}}
    other = "01890000-0000-7000-8000-000000000002"
    integration = issuer.bearer(role="integration", employee_id=None)
    old = {"occurred_at": "2020-01-01T00:00:00Z"}

    async def status(headers: dict[str, str], **fields: str) -> int:
        return (await client.post("/v1/parts", json={**part, **fields}, headers=headers)).status_code

    assert await status(issuer.bearer()) == 201
    assert await status(issuer.bearer(), employee_id=str(EMPLOYEE)) == 201
    assert await status(issuer.bearer(), employee_id=other) == 403
    assert await status(integration) == 422
    assert await status(integration, employee_id=other) == 201
    assert await status(integration, employee_id=other, **old) == 201
    assert await status(issuer.bearer(), **old) == 422


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged(issuer: Issuer, headers: dict[str, Any]) -> str:
    """Rightly signed under headers of our choice."""
    head = encoded({name: value for name, value in headers.items() if value is not None})
    signed = f"{head}.{encoded(issuer.claims())}"
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(signed.encode(), issuer.key)
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
