"""What a second replica of each service buys: the door, reads and the whole flow, one beside two in turn.

All processes share the machine with PostgreSQL, NATS and the load itself. On two cores one replica of each leaves
little for a second; what a second buys on a machine with cores to spare is not what this shows.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.flow import STAGES, all_taken, payments_to, win_clients
from bench.load import Connection, Spec
from bench.measuring import Report, Sizes
from bench.running import durable_stack, load
from conveyor_local.places import place_of
from conveyor_local.ports import free_port
from conveyor_local.processes import wait_until
from conveyor_local.service_process import ServiceProcess
from conveyor_local.stack import LocalStack

SERVICES = ("handoff-bus", *STAGES)
READERS = 16
Ports = dict[str, list[int]]


async def measure(report: Report, sizes: Sizes) -> None:
    """Rounds of one replica and of two on one system."""
    rates: dict[tuple[str, int], list[float]] = {}
    async with durable_stack() as stack:
        for service in SERVICES:
            stack.start_service(service)
        secret, contracts = await win_clients(stack, sizes.of(60, 4))
        ports = {service: [stack.ports.services[service]] for service in SERVICES}
        for turn in range(sizes.repeats):
            found = await _all(stack, sizes, ports, payments_to(stack, secret, contracts, f"one{turn}-", seconds=60))
            with _second_replicas(stack) as second:
                both = {service: [*ports[service], second[service]] for service in SERVICES}
                spec = payments_to(stack, secret, contracts, f"two{turn}-", seconds=60)
                found |= await _all(stack, sizes, both, spec)
            for key, rate in found.items():
                rates.setdefault(key, []).append(rate)
    for name, unit in (
        ("webhooks at the door", "/s"),
        ("reads of the board", "/s"),
        ("payments through the flow", "/s"),
    ):
        for replicas in (1, 2):
            report.add(f"{name}, {replicas} of each service", rates[name, replicas], unit)
        gained = [two / one for one, two in zip(rates[name, 1], rates[name, 2], strict=True)]
        report.add(f"{name}, two ÷ one", gained, "×")


async def _all(stack: LocalStack, sizes: Sizes, ports: Ports, spec: Spec) -> dict[tuple[str, int], float]:
    """By (what, replicas): how many a second."""
    replicas = len(ports["handoff-bus"])
    reads = await _reads_per_second(ports["closing"], stack.token("head"), seconds=sizes.of(4, 1))
    door, flow = await _flow_per_second(stack, ports["handoff-bus"], spec, number=sizes.of(2_000, 100))
    return {
        ("webhooks at the door", replicas): door,
        ("reads of the board", replicas): reads,
        ("payments through the flow", replicas): flow,
    }


async def _flow_per_second(stack: LocalStack, doors: Sequence[int], spec: Spec, *, number: int) -> tuple[float, float]:
    """(taken in, evaluated by all stages) a second; each door gets its share of payments and connections."""
    share, connections = number // len(doors), spec.connections // len(doors)
    specs = [
        replace(spec, port=port, prefix=f"{spec.prefix}{place}-", number=share, connections=connections)
        for place, port in enumerate(doors)
    ]
    began = time.perf_counter()
    sent = await asyncio.gather(*(load(each, Path(stack.home)) for each in specs))
    answered = sum(each.answered for each in sent)
    await asyncio.gather(*(all_taken(stack, stage, spec.prefix, answered) for stage in STAGES))
    return answered / max(each.seconds for each in sent), answered / (time.perf_counter() - began)


async def _reads_per_second(ports: Sequence[int], token: str, *, seconds: float) -> float:
    """So many readers at once, spread over the replicas, each asking again when it was answered."""
    request = f"GET /v1/deals HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode()
    until = time.perf_counter() + seconds

    async def read(port: int) -> int:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
        answered = 0
        while time.perf_counter() < until:
            if await connection.ask(request) != 200:
                msg = "a read was refused"
                raise RuntimeError(msg)
            answered += 1
        connection.close()
        return answered

    began = time.perf_counter()
    answers = await asyncio.gather(*(read(ports[place % len(ports)]) for place in range(READERS)))
    return sum(answers) / (time.perf_counter() - began)


@contextmanager
def _second_replicas(stack: LocalStack) -> Iterator[dict[str, int]]:
    """A second process of each service, ready; gives their ports."""
    home = stack.home / "second"
    home.mkdir(exist_ok=True)
    started: list[ServiceProcess] = []
    try:
        for service in SERVICES:
            place, port = place_of(service), free_port()
            env = stack.environment(service) | {place.variable("PORT"): str(port)}
            replica = ServiceProcess(place, port=port, home=home, env=env, logs=None)
            replica.start()
            started.append(replica)
        for replica in started:
            wait_until(replica.is_ready, seconds=60, what=f"a second {replica.place.name}", every_seconds=0.1)
        yield {replica.place.name: replica.port for replica in started}
    finally:
        for replica in started:
            replica.ask_to_stop()
        for replica in started:
            replica.stop()
