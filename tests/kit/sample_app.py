"""A tiny service for tests of the HTTP kit, and an issuer of tokens."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from pydantic import SecretStr

from conveyor.contracts.values import PositiveMoney, Text, WireMoney
from conveyor.kit.business_time import business_time
from conveyor.kit.clock import Clock, FrozenClock
from conveyor.kit.context import current_context
from conveyor.kit.http.app import create_app
from conveyor.kit.http.auth import ROLES, Principal, acting_employee, allow
from conveyor.kit.http.etags import IfMatch, StaleRevision, etag_of
from conveyor.kit.http.models import AnswerModel, BusinessInstant, RequestModel
from conveyor.kit.refusals import NotFound, Refusal
from conveyor.kit.service import Service, assemble
from conveyor.kit.settings import ServiceSettings

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ISSUER = "https://issuer.example"
EMPLOYEE = UUID("01890000-0000-7000-8000-000000000001")
NOWHERE = "postgresql://conveyor_closing_app:f3a9c1@127.0.0.1:1/nowhere"

router = APIRouter(tags=["parts"])


class PartAlreadySold(Refusal):
    """This part was sold before."""


class PartIn(RequestModel):
    name: Text
    price: PositiveMoney
    kind: Literal["bolt", "nut"] = "bolt"
    employee_id: UUID | None = None
    occurred_at: BusinessInstant | None = None


class PartOut(AnswerModel):
    id: UUID
    name: str
    price: WireMoney
    occurred_at: datetime
    actor: str


class Anything(RequestModel):
    value: Any = None
    correction: WireMoney | None = None


class Seen(AnswerModel):
    actor: str
    correlation_id: UUID
    traceparent: str | None
    key: str | None
    status: int | None


@router.post("/parts", status_code=201)
async def record_part(part: PartIn, principal: Annotated[Principal, Depends(allow("ae", "integration"))]) -> PartOut:
    acting_employee(principal, part.employee_id)
    moment = business_time(part.occurred_at, now=NOW, principal_role=principal.role, backdating_days_max=7)
    actor = current_context().actor
    return PartOut(id=EMPLOYEE, name=part.name, price=part.price, occurred_at=moment, actor=actor)


@router.get("/parts/{part_id}")
async def read_part(
    part_id: UUID, response: Response, state: Annotated[Literal["new", "old"] | None, Query()] = None
) -> AnswerModel:
    if part_id != EMPLOYEE:
        raise NotFound
    response.headers["ETag"] = etag_of(4)
    return AnswerModel()


@router.post("/parts/spare")
async def take_spare_part() -> AnswerModel:
    return AnswerModel()


@router.put("/parts/{part_id}")
async def change_part(part_id: UUID, revision: IfMatch, change: Anything) -> AnswerModel:
    if revision != 4:
        raise StaleRevision
    return AnswerModel()


@router.post("/parts/{part_id}/sale")
async def sell_part(part_id: UUID) -> AnswerModel:
    raise PartAlreadySold(sold_to="somebody")


@router.post("/anything")
async def take_anything(body: Anything) -> AnswerModel:
    return AnswerModel()


@router.post("/large", max_body_size=1024 * 1024)
async def take_large(body: Anything) -> AnswerModel:
    return AnswerModel()


@router.post("/raw/{name}")
async def take_raw(name: str, request: Request, note: str = "", x_note: Annotated[int, Header()] = 0) -> AnswerModel:
    await request.body()
    return AnswerModel()


@router.post("/seen", status_code=201)
async def tell_what_is_seen(_: Annotated[Principal, Depends(allow(*ROLES))]) -> Seen:
    context = current_context()
    claim = context.idempotency
    return Seen(
        actor=context.actor,
        correlation_id=context.correlation_id,
        traceparent=context.traceparent,
        key=claim.key if claim else None,
        status=claim.status if claim else None,
    )


@router.get("/mistake")
async def make_a_mistake() -> AnswerModel:
    msg = "the secret is +7 916 123-45-67"
    raise RuntimeError(msg)


@dataclass
class Issuer:
    """Signs tokens; its public keys are in `jwks`."""

    kid: str = "first"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "alg": "ES256", "use": "sig"}]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "conveyor",
            "sub": "somebody",
            "iat": int(NOW.timestamp()),
            "exp": int((NOW + timedelta(hours=1)).timestamp()),
            "role": "ae",
            "employee_id": str(EMPLOYEE),
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def token(self, *, headers: dict[str, Any] | None = None, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.key, "ES256", headers={"kid": self.kid, **(headers or {})})

    def bearer(self, **changes: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(**changes)}"}


def settings_for_tests(jwks: Path | str, *, database_url: str = NOWHERE) -> ServiceSettings:
    return ServiceSettings(
        service="closing",
        database_url=SecretStr(database_url),
        nats_url="nats://127.0.0.1:1",
        nats_password=SecretStr("b7d4e2"),
        jwks_url=jwks if isinstance(jwks, str) else jwks.as_uri(),
        token_issuer=ISSUER,
    )


def sample_service(jwks: Path | str, *, database_url: str = NOWHERE, clock: Clock | None = None) -> Service:
    return assemble(settings_for_tests(jwks, database_url=database_url), clock=clock or FrozenClock(NOW))


def sample_app(service: Service) -> FastAPI:
    return create_app(service=service, routers=[router])


def keys_file(folder: Path, *issuers: Issuer) -> Path:
    path = folder / "jwks.json"
    path.write_text(json.dumps({"keys": [key for issuer in issuers for key in issuer.jwks["keys"]]}))
    return path


@asynccontextmanager
async def calling(app: FastAPI, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application in this process; nothing of the service's background work runs."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://closing.test", headers=headers) as client:
        yield client
