"""The pusher of call records: nothing lost, nothing half, nothing twice."""

import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.verify import mint_secret
from tests.handoff_bus.sources.telephony.calls import calls
from tests.handoff_bus.sources.telephony.cdr import MASTER, TRANSFERRED, record, table

SCRIPT = Path(__file__).parents[4] / "deploy" / "asterisk" / "push_cdr.py"
COLUMNS = (*MASTER, "uniqueid", "userfield", "peeraccount", "linkedid", "sequence")
AT = 1_773_136_800.0


class Door:
    """A loopback server that keeps what it is sent and answers with `status`."""

    def __init__(self) -> None:
        self.status = 202
        self.taken: list[RawRequest] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if door.status == 202:
                    door.taken.append(RawRequest(headers=headers, body=body, at=datetime.now(UTC), source="pbx"))
                self.send_response(door.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/webhooks/pbx"

    def seconds(self) -> list[int]:
        """The talk of every call that was sent."""
        return [call["duration_seconds"] for request in self.taken for call in calls("asterisk", request)]


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join(timeout=10)
    made.server.server_close()


@pytest.fixture(scope="module")
def pusher() -> ModuleType:
    spec = importlib.util.spec_from_file_location("push_cdr", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def push(pusher: ModuleType, door: Door, tmp_path: Path) -> Callable[[float], int]:
    secret = mint_secret()

    def run(now: float) -> int:
        file = tmp_path / "Master.csv"
        pushed: int = pusher.push_new(file, tmp_path / "place", url=door.url, secret=secret, now=now)
        return pushed

    return run


def append(directory: Path, *records: dict[str, str]) -> None:
    with (directory / "Master.csv").open("ab") as file:
        file.write(table(*records, columns=COLUMNS, head=False))


def other(number: int) -> dict[str, str]:
    name = f"pbx1-{number}.1"
    return record("14:00:00", "14:00:10", "14:00:40", uniqueid=name, linkedid=name)


def test_a_call_goes_once_it_is_quiet_and_only_once(push: Callable[[float], int], door: Door, tmp_path: Path) -> None:
    append(tmp_path, other(1))
    assert (push(AT), push(AT + 61), push(AT + 122)) == (0, 1, 0)
    append(tmp_path, other(2))
    assert (push(AT + 200), push(AT + 261)) == (0, 1)
    assert door.seconds() == [30, 30]


def test_a_busy_exchange_does_not_hold_up_ended_calls(push: Callable[[float], int], door: Door, tmp_path: Path) -> None:
    for number in range(10):
        append(tmp_path, other(number))
        push(AT + 30 * number)
    assert len(door.seconds()) == 8


def test_a_transferred_call_goes_whole(push: Callable[[float], int], door: Door, tmp_path: Path) -> None:
    append(tmp_path, TRANSFERRED[1])
    assert (push(AT), push(AT + 600)) == (0, 0)
    append(tmp_path, TRANSFERRED[0], TRANSFERRED[2])
    assert (push(AT + 1200), push(AT + 1300)) == (0, 3)
    assert door.seconds() == [37]
    append(tmp_path, TRANSFERRED[1] | {"linkedid": "lost.1"})
    assert (push(AT + 2000), push(AT + 2000 + 4 * 3600)) == (0, 1)


def test_while_the_bus_is_down_nothing_is_lost(
    push: Callable[[float], int], pusher: ModuleType, door: Door, tmp_path: Path
) -> None:
    append(tmp_path, other(1))
    push(AT)
    door.status = 503
    for minute in (2, 3):
        with pytest.raises(pusher.NotTaken, match="503"):
            push(AT + 60 * minute)
    append(tmp_path, other(2))
    door.status = 202
    assert (push(AT + 600), push(AT + 700)) == (1, 1)
    assert door.seconds() == [30, 30]


def test_half_a_line_and_a_rotated_file(push: Callable[[float], int], door: Door, tmp_path: Path) -> None:
    whole = table(other(1), columns=COLUMNS, head=False)
    file = tmp_path / "Master.csv"
    file.write_bytes(whole[:40])
    assert (push(AT), push(AT + 61)) == (0, 0)
    file.write_bytes(whole)
    push(AT + 70)
    file.rename(tmp_path / "Master.csv.1")
    append(tmp_path, other(2))
    assert (push(AT + 200), push(AT + 300)) == (1, 1)
    assert door.seconds() == [30, 30]


def test_many_calls_go_in_several_deliveries(push: Callable[[float], int], door: Door, tmp_path: Path) -> None:
    append(tmp_path, *(other(number) for number in range(2000)))
    assert (push(AT), push(AT + 61)) == (0, 2000)
    assert len(door.taken) > 1
    assert max(len(request.body) for request in door.taken) < 256 * 1024
    assert len(door.seconds()) == 2000


def test_what_it_sends_is_signed_as_the_kind_wants(pusher: ModuleType, door: Door) -> None:
    secret = mint_secret()
    pusher.send(b"records\n", url=door.url, secret=secret, at=int(datetime.now(UTC).timestamp()))
    kind = KINDS["asterisk"]
    kind.verify(door.taken[0], [kind.read_secret(secret)], kind.settings())


def test_it_runs_as_a_program(door: Door, tmp_path: Path) -> None:
    append(tmp_path, other(1))
    command = [sys.executable, str(SCRIPT), "--file", str(tmp_path / "Master.csv"), "--url", door.url]
    environment = {**os.environ, "CONVEYOR_CDR_SECRET": mint_secret()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "pushed 0 records\n")
    assert (tmp_path / "Master.csv.pushed").exists()
    wrong = [*command[:2], "--url", "file:///x"]
    refused = subprocess.run(wrong, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
