"""Ports for servers of one's own: nobody else is given one between its choice and its server."""

import socket
import subprocess
import sys

from conveyor_local.ports import free_port

CHOOSE = "import sys; from conveyor_local.ports import free_port; print(*[free_port() for _ in range(60)], flush=True)"


def test_a_port_is_none_that_an_outgoing_connection_may_take() -> None:
    with socket.socket() as outgoing:
        outgoing.bind(("127.0.0.1", 0))
        first_of_outgoing = 32_768
        assert outgoing.getsockname()[1] >= first_of_outgoing
    assert max(free_port() for _ in range(200)) < first_of_outgoing


def test_a_port_that_was_chosen_is_not_chosen_again_soon_by_anybody() -> None:
    chosen = [free_port() for _ in range(60)]
    command = [sys.executable, "-c", f"{CHOOSE}; sys.stdin.read()"]
    others = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        for other in others:
            assert other.stdout
            chosen += map(int, other.stdout.readline().split())
    finally:
        for other in others:
            other.communicate("")

    assert len(set(chosen)) == len(chosen) == 4 * 60


def test_a_port_on_which_somebody_listens_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        taken_port = taken.getsockname()[1]
        round_of_all = {free_port() for _ in range(300)}

    assert len(round_of_all) > 150
    assert taken_port not in round_of_all
