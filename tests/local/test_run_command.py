"""`conveyor run`, as a person starts and stops it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conveyor_local.home import Ports
from conveyor_local.places import SERVICE_PLACES
from conveyor_local.processes import descendants, is_running, wait_until

READY = re.compile(r"Conveyor is ready after (\d+\.\d) s")


class Run:
    """One `conveyor run` in a terminal of its own."""

    def __init__(self, env: dict[str, str]) -> None:
        program = Path(sys.executable).parent / "conveyor"
        self.process = subprocess.Popen(
            [program, "run"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        self.lines: list[str] = []

    def until_ready(self) -> float:
        """Seconds that it says it needed."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if found := READY.search(line):
                return float(found[1])
        raise AssertionError("".join(self.lines))

    def interrupt(self) -> int:
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self) -> int:
        """The exit code; the rest of the output is read."""
        rest, _ = self.process.communicate(timeout=60)
        self.lines.append(rest)
        return self.process.returncode

    @property
    def output(self) -> str:
        return "".join(self.lines)


@pytest.fixture
def env(server_home: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    ports = Ports.free()
    home = server_home / f"run-{ports.nats}"
    yield os.environ | {
        "CONVEYOR_HOME": str(home),
        "CONVEYOR_POSTGRES_PORT": str(ports.postgres),
        "CONVEYOR_NATS_PORT": str(ports.nats),
        **{place.variable("PORT"): str(ports.services[place.name]) for place in SERVICE_PLACES},
    }
    subprocess.run([sys.executable, "-m", "conveyor_local.forget", home], check=True, timeout=60)


@pytest.mark.alone
def test_it_starts_shows_addresses_and_logs_and_stops_whole(env: dict[str, str]) -> None:
    run = Run(env)
    first_seconds = run.until_ready()
    below = descendants(run.process.pid)
    code = run.interrupt()

    again = Run(env)
    second_seconds = again.until_ready()
    again_code = again.interrupt()

    assert (code, again_code) == (0, 0)
    assert len(below) > 6
    assert not any(is_running(pid) for pid in below)
    assert all(f"http://127.0.0.1:{env[place.variable('PORT')]}" in run.output for place in SERVICE_PLACES)
    assert re.search(r"^\s+closing \| ", run.output, re.MULTILINE)
    assert run.output.rstrip().endswith("Stopped.")
    assert first_seconds < 60
    assert second_seconds < 10


def test_nothing_stays_when_it_is_killed_and_it_starts_again(env: dict[str, str]) -> None:
    run = Run(env)
    run.until_ready()
    below = descendants(run.process.pid)

    run.process.kill()
    run.process.wait(timeout=10)
    wait_until(lambda: not any(is_running(pid) for pid in below), seconds=30, what="the end of all processes")
    run.end()

    again = Run(env)
    again.until_ready()
    assert again.interrupt() == 0


def test_an_interrupt_in_the_middle_of_the_start_stops_what_had_started(env: dict[str, str]) -> None:
    run = Run(env)
    assert run.process.stdout
    for line in run.process.stdout:
        if "Migrating" in line:
            break
    below = descendants(run.process.pid)

    code = run.interrupt()

    assert code == 0
    assert below
    assert not any(is_running(pid) for pid in below)


def test_a_second_run_in_one_home_is_told_so(env: dict[str, str]) -> None:
    run = Run(env)
    run.until_ready()

    second = Run(env)
    code = second.end()

    assert code == 1
    assert f"process {run.process.pid}" in second.output
    assert run.interrupt() == 0


def test_a_token_is_printed_and_an_unknown_role_is_refused(env: dict[str, str]) -> None:
    program = Path(sys.executable).parent / "conveyor"

    good = subprocess.run(
        [program, "token", "--role", "head"], env=env, capture_output=True, text=True, check=False, timeout=30
    )
    bad = subprocess.run(
        [program, "token", "--role", "boss"], env=env, capture_output=True, text=True, check=False, timeout=30
    )
    # Only a home with secrets is removed after the test.
    (Path(env["CONVEYOR_HOME"]) / "secrets.json").touch()

    assert good.stdout.count(".") == 2
    assert bad.returncode == 2
    assert "no such role" in bad.stderr
