"""The whole service: composed from the environment, started on real servers, its roles."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from conveyor.contracts.values import Role
from conveyor.kit.clock import SystemClock
from conveyor.kit.ids import new_id
from conveyor.roster.patience import first_found
from conveyor_local.nats import EmbeddedNats
from conveyor_local.tokens import ISSUER, TokenIssuer
from telemarketing.main import app
from tests.servers import FreshDatabase
from tests.telemarketing.line import LEAD, Line

READERS = {"sdr", "head", "marketing", "auditor", "admin", "integration"}
RECORDERS = {"sdr", "head", "marketing", "admin", "integration"}
WORKERS = {"sdr", "admin", "integration"}
NOBODY = "00000000-0000-7000-8000-000000000000"
OPERATIONS = {
    ("POST", "/leads"): RECORDERS,
    ("GET", "/leads"): READERS,
    ("GET", f"/leads/{NOBODY}"): READERS,
    ("PATCH", f"/leads/{NOBODY}"): RECORDERS,
    ("PUT", f"/leads/{NOBODY}/owner"): {"head", "admin", "integration"},
    ("POST", "/leads/import"): RECORDERS,
    ("POST", "/queue/next"): {"sdr"},
    ("POST", f"/leads/{NOBODY}/touches"): WORKERS,
    ("POST", f"/leads/{NOBODY}/meetings"): WORKERS,
    ("POST", f"/meetings/{NOBODY}/cancellation"): WORKERS,
    ("GET", "/meetings"): READERS,
    ("GET", f"/meetings/{NOBODY}"): READERS,
    ("GET", "/handoffs"): READERS,
}
ROLES: tuple[Role, ...] = ("sdr", "ae", "am", "head", "payroll", "marketing", "admin", "integration", "auditor")


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
async def test_every_role_may_do_what_is_its_own_and_nothing_else(line: Line, operation: tuple[str, str]) -> None:
    method, path = operation
    let_in = set()
    for role in ROLES:
        employee_id = line.employees["Anna"] if role == "sdr" else new_id() if role in {"ae", "am"} else None
        async with line.caller(role, employee_id) as client:
            answer = await client.request(method, path)
        if answer.status_code not in {401, 403}:
            let_in.add(role)

    assert let_in == OPERATIONS[operation]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=line.app), base_url="http://tm.test/v1") as client:
        assert (await client.request(method, path)).status_code == 401


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, fresh_database: FreshDatabase, provisioned_nats: EmbeddedNats, tmp_path: Path
) -> TokenIssuer:
    """The variables of a telemarketing service on servers of its own."""
    issuer = TokenIssuer(tmp_path, clock=SystemClock())
    values = {
        "CONVEYOR_TELEMARKETING_DATABASE_URL": fresh_database("telemarketing").app,
        "CONVEYOR_TELEMARKETING_NATS_PASSWORD": provisioned_nats.password_of("telemarketing"),
        "CONVEYOR_NATS_URL": provisioned_nats.url,
        "CONVEYOR_JWKS_URL": issuer.jwks_url,
        "CONVEYOR_TOKEN_ISSUER": ISSUER,
        "CONVEYOR_LOG_FORMAT": "console",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return issuer


async def test_the_service_starts_publishes_and_comes_to_rest(environment: TokenIssuer) -> None:
    made = app()
    headers = {"Authorization": f"Bearer {environment.token(role='integration')}"}
    async with (
        made.router.lifespan_context(made),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=made), base_url="http://tm.test", headers=headers
        ) as client,
    ):

        async def is_at_rest() -> dict[str, int] | None:
            lag: dict[str, int] = (await client.get("/v1/lag")).json()
            return lag if not any(lag.get(name, 1) for name in ("outbox", "consumer", "parked")) else None

        assert (await client.post("/v1/leads", json=LEAD)).status_code == 201
        assert await first_found(is_at_rest, patience_seconds=20)
        document: dict[str, Any] = (await client.get("/openapi.json")).json()
        assert {"/v1/queue/next", "/v1/bonuses", "/v1/leads/{lead_id}/touches"} <= document["paths"].keys()
        assert (await client.get("/healthz")).status_code == 200
