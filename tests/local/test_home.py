"""The home of a local system: secrets, lock, ports, its end."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conveyor_local.forget import forget
from conveyor_local.home import HomeInUse, HomeLock, Ports, Secrets, home_from_environment
from conveyor_local.processes import UnableToStart
from conveyor_local.real_servers import RealServers


def test_secrets_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    first = Secrets.of(tmp_path)

    assert Secrets.of(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_every_password_differs_and_begins_with_a_letter() -> None:
    made = Secrets.fresh()
    passwords = [made.postgres, *made.nats.values()]
    passwords += [password for pair in made.databases.values() for password in (pair.app, pair.migrator)]

    assert len(set(passwords)) == len(passwords)
    assert all(password[0].isalpha() and password.isalnum() and len(password) == 32 for password in passwords)


def test_a_home_serves_one_run_at_a_time(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    first.acquire()

    with pytest.raises(HomeInUse, match=rf"process {os.getpid()}.*CONVEYOR_HOME"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()

    assert not second.last_run_was_cut_short


def test_the_lock_of_a_killed_run_is_free_and_tells_of_it(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)
    code = f"""
import os
from pathlib import Path
from conveyor_local.home import HomeLock
HomeLock(Path({str(tmp_path)!r})).acquire()
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], check=False, timeout=20)

    lock.acquire()
    lock.release()

    assert lock.last_run_was_cut_short


def test_ports_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_PORT", "9100")
    monkeypatch.setenv("CONVEYOR_POSTGRES_PORT", "9109")

    ports = Ports.from_environment()

    assert (ports.services["handoff-bus"], ports.services["closing"], ports.postgres) == (9100, 8102, 9109)


@pytest.mark.parametrize("bad", ["0", "65536", "-1", "http", "81 02", "8102.0", "٨١٠٢"])
def test_a_value_that_is_no_port_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setenv("CONVEYOR_CLOSING_PORT", bad)

    with pytest.raises(UnableToStart, match="CONVEYOR_CLOSING_PORT"):
        Ports.from_environment()


def test_the_home_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONVEYOR_HOME", raising=False)
    assert home_from_environment() == tmp_path.resolve() / ".conveyor"

    monkeypatch.setenv("CONVEYOR_HOME", str(tmp_path / "other"))
    assert home_from_environment() == tmp_path.resolve() / "other"


def test_real_servers_are_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_CLOSING_DATABASE_URL", "postgresql://app@db/closing")
    monkeypatch.setenv("CONVEYOR_ACCOUNT_DATABASE_URL", "postgresql://app@db/account")
    monkeypatch.setenv("CONVEYOR_ACCOUNT_MIGRATION_URL", "postgresql://migrator@db/account")

    real = RealServers.from_environment()

    assert set(real.database_urls) == {"closing", "account"}
    assert real.migration_urls["closing"] == "postgresql://app@db/closing"
    assert real.migration_urls["account"] == "postgresql://migrator@db/account"
    assert real.nats_url is None


def test_a_real_broker_needs_its_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_NATS_URL", "nats://broker:4222")

    with pytest.raises(UnableToStart, match="CONVEYOR_HANDOFF_BUS_NATS_PASSWORD"):
        RealServers.from_environment()


def test_forgetting_removes_a_home_that_is_at_rest(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Secrets.of(home)
    lock = HomeLock(home)

    lock.acquire()
    assert "stop it first" in (forget(home) or "")
    lock.release()
    assert forget(home) is None

    assert not home.exists()
    assert forget(home) is None


def test_forgetting_leaves_what_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")

    assert "does not look like" in (forget(tmp_path) or "")
    assert (tmp_path / "letters").exists()
