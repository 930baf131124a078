"""The whole system on one machine: ready, guarded, under its least rights, and back after each part was killed."""

import socket
from pathlib import Path

import asyncpg
import httpx2
import pytest

from conveyor.contracts.registry import SERVICES
from conveyor_local.home import HomeInUse, Ports
from conveyor_local.processes import Child, PortTaken, UnableToStart, is_running, wait_until
from conveyor_local.stack import LocalStack
from tests.servers import NewStack

A_LIST = {
    "handoff-bus": "/v1/employees",
    "telemarketing": "/v1/leads",
    "closing": "/v1/deals",
    "account": "/v1/clients",
}


def _get(stack: LocalStack, service: str, path: str, *, token: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.get(f"{stack.base_url(service)}{path}", headers=headers, timeout=10, trust_env=False)


def _pids(stack: LocalStack) -> list[int]:
    pids = [*(service.pid for service in stack.services), stack.nats.pid, stack.postgres.pid]
    return [pid for pid in pids if pid is not None]


def _becomes(stack: LocalStack, service: str, **wanted: object) -> None:
    def seen() -> bool:
        answer = _get(stack, service, "/readyz")
        said: dict[str, object] = answer.json() | {"status_code": answer.status_code}
        return wanted.items() <= said.items()

    wait_until(seen, seconds=60, what=f"{service} saying {wanted} at /readyz", every_seconds=0.1)


def test_four_services_are_ready_and_let_in_only_tokens_of_their_issuer(
    stack: LocalStack, new_stack: NewStack, tmp_path: Path
) -> None:
    stranger = LocalStack(tmp_path / "other", ports=Ports.free())

    for service, path in A_LIST.items():
        assert _get(stack, service, "/readyz").status_code == 200
        assert _get(stack, service, path).status_code == 401
        assert _get(stack, service, path, token=stack.token("head")).status_code == 200
        assert _get(stack, service, path, token=stranger.token("head")).status_code == 401


def test_a_connection_outlives_the_time_that_clients_keep_it_idle(stack: LocalStack) -> None:
    """Else a request meets the server ending it, and is lost without an answer."""
    idle_seconds_of_a_client = 5.0  # httpx keeps one so long, gateways longer.

    with socket.create_connection(("127.0.0.1", stack.ports.services["closing"]), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.settimeout(idle_seconds_of_a_client + 1.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)


async def test_services_work_under_the_role_that_may_change_rows_only(stack: LocalStack) -> None:
    for service in SERVICES:
        _get(stack, service, A_LIST[service], token=stack.token("head"))

    connection = await asyncpg.connect(stack.postgres.admin_url, timeout=10)
    try:
        rows = await connection.fetch("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname LIKE 'conveyor_%'")
    finally:
        await connection.close()

    assert {row["usename"] for row in rows} == {f"conveyor_{service.replace('-', '_')}_app" for service in SERVICES}


def test_a_killed_service_comes_back_on_its_port(stack: LocalStack) -> None:
    before = stack.base_url("closing")

    stack.kill_service("closing")
    with pytest.raises(httpx2.ConnectError):
        _get(stack, "closing", "/healthz")
    stack.start_service("closing")

    assert stack.base_url("closing") == before
    assert _get(stack, "closing", "/readyz").status_code == 200


def test_services_are_ready_again_after_the_servers_were_killed(stack: LocalStack) -> None:
    stack.postgres.kill()
    _becomes(stack, "closing", status_code=503)
    stack.postgres.start()
    _becomes(stack, "closing", status_code=200)

    stack.nats.kill()
    _becomes(stack, "closing", status_code=200, broker="down")
    stack.nats.start()
    _becomes(stack, "closing", status_code=200, broker="ok")


def test_stopping_leaves_no_process_and_a_second_start_finds_the_data(new_stack: NewStack) -> None:
    stack = new_stack()
    token = stack.token("head")
    pids = _pids(stack)
    assert len(pids) == 6

    stack.stop()
    assert not any(is_running(pid) for pid in pids)
    stack.start()

    assert _get(stack, "closing", A_LIST["closing"], token=token).status_code == 200


def test_a_home_in_use_is_refused_and_the_first_system_goes_on(stack: LocalStack) -> None:
    second = LocalStack(stack.home, ports=Ports.free())

    with pytest.raises(HomeInUse):
        second.start()

    assert _get(stack, "account", "/readyz").status_code == 200


def test_a_taken_port_stops_the_start_before_anything_runs(server_home: Path) -> None:
    ports = Ports.free()
    listening = (
        f"import socket, time; s = socket.create_server(('127.0.0.1', {ports.services['account']})); time.sleep(60)"
    )
    other = Child("other program", ["python3", "-c", listening])
    stack = LocalStack(server_home / "taken-port", ports=ports, durable=False)
    try:
        wait_until(lambda: _is_taken(ports.services["account"]), seconds=10, what="the other program")
        with pytest.raises(PortTaken, match="CONVEYOR_ACCOUNT_PORT"):
            stack.start()
    finally:
        other.kill()

    assert _pids(stack) == []
    assert not (stack.home / "postgres").exists()


def test_a_service_that_cannot_start_is_named_with_its_log_and_all_is_stopped(
    prepared_home: Path, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVEYOR_CLOSING_BACKDATING_DAYS_MAX", "many")
    stack = LocalStack.copied(prepared_home, server_home / "cannot-start")
    stack.prepare()
    servers = [pid for pid in (stack.nats.pid, stack.postgres.pid) if pid]

    with pytest.raises(UnableToStart, match=r"closing ended by itself[^$]*CONVEYOR_CLOSING_BACKDATING_DAYS_MAX"):
        stack.start()

    assert len(servers) == 2
    assert not any(is_running(pid) for pid in servers)
    stack.forget()


def _is_taken(port: int) -> bool:
    try:
        httpx2.get(f"http://127.0.0.1:{port}/", timeout=0.2, trust_env=False)
    except httpx2.ConnectError:
        return False
    except httpx2.HTTPError:
        return True
    return True
