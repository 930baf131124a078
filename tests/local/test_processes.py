"""Child processes: stopped with a deadline, killed with what they started, gone when their parent is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conveyor_local.ports import free_port
from conveyor_local.processes import (
    Child,
    PortTaken,
    UnableToStart,
    descendants,
    is_running,
    require_free_port,
    wait_until,
)

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = """
import sys, time
from conveyor_local.processes import Child
child = Child("child", [sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_that_does_not_listen_is_killed_after_the_deadline() -> None:
    child = Child("stubborn", [sys.executable, "-c", STUBBORN], output=subprocess.PIPE)
    assert child.stdout
    with child.stdout:
        assert child.stdout.readline() == b"up\n"

        child.stop(seconds=0.2)

    assert child.returncode() == -signal.SIGKILL


def test_kill_takes_what_the_child_started_with_it() -> None:
    child = Child("shell", ["/bin/sh", "-c", "sleep 60 & sleep 60"])
    wait_until(lambda: len(descendants(child.pid)) == 2, seconds=5, what="both sleepers")
    below = descendants(child.pid)

    child.kill()

    assert not any(is_running(pid) for pid in below)


def test_children_end_when_their_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout
    with parent.stdout:
        child = int(parent.stdout.readline())

        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(timeout=5)

    wait_until(lambda: not is_running(child), seconds=5, what="the end of the child")


def test_ctrl_c_in_the_terminal_reaches_only_the_parent() -> None:
    child = Child("sleeper", ["sleep", "60"])
    try:
        assert os.getsid(child.pid) != os.getsid(0)
    finally:
        child.stop()


def test_a_taken_port_gives_a_message_that_says_what_to_do() -> None:
    port = free_port()
    listener = f"import socket; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True); s.accept()"
    child = Child("listener", [sys.executable, "-c", listener], output=subprocess.PIPE)
    try:
        assert child.stdout
        with child.stdout:
            child.stdout.readline()
            with pytest.raises(PortTaken) as taken:
                require_free_port(port, what="closing", variable="CONVEYOR_CLOSING_PORT")
    finally:
        child.stop()

    assert str(taken.value) == (
        f"Port {port} on 127.0.0.1, wanted for closing, is taken by another program. "
        "Stop that program or choose another port: CONVEYOR_CLOSING_PORT=<port>."
    )


def test_waiting_has_a_deadline() -> None:
    with pytest.raises(UnableToStart, match=r"Waited 0.05 s in vain for the moon"):
        wait_until(lambda: False, seconds=0.05, what="the moon")


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Child("nothing", [tmp_path / "nothing"])
