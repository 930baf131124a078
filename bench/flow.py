"""From a webhook to a readable bonus entry through all services: latency at steady rates, and what can be sustained.

The floor beside it does the same writes with bare nats-py and asyncpg (`bare_flow.py`). An entry counts as readable
when another session of the stage's database sees it.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from bench import bare_flow, usual_flow
from bench.load import Spec
from bench.measuring import Point, Report, Sizes, percentile
from bench.running import department_of, durable_stack, load, processor_seconds
from conveyor_local.golden_quarter import Person, Step, Story
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

STAGES = ("telemarketing", "closing", "account")
RATES = (10, 50, 100, 200, 400)
RATE_OF_THE_TARGETS = 200
PLOT = "flow, from webhook to readable entry, against payments a second"
LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 90.0
MOSCOW = ZoneInfo("Europe/Moscow")
# So many that the whole piece, some sixty thousand payments, gives each client a few years of two payments a month.
CLIENTS = 1_000
# A client pays twice a month for a year from his contract on: paying months of every rule, a young and an older client.
PAID_AT = tuple(
    f"{month}-{day}T12:00:00+03:00"
    for month in ("2025-09", "2025-10", "2025-11", "2025-12", *(f"2026-{number:02d}" for number in range(1, 9)))
    for day in (16, 26)
)

_TAKEN = "SELECT count(*) FROM bonus_facts WHERE kind = 'payment_received' AND starts_with(identity, $1)"


async def measure(report: Report, sizes: Sizes) -> None:
    """One system for all rates, another set of servers for the floor."""
    async with durable_stack() as stack:
        for service in ("handoff-bus", *STAGES):
            stack.start_service(service)
        secret, contracts = await win_clients(stack, sizes.of(CLIENTS, 12))
        payers = _Payers(stack, secret, contracts)
        sustained = await _sustained(report, sizes, payers)
        await _latencies(report, sizes, payers)
    one_by_one, batched, usual = [], [], []
    for _ in range(sizes.repeats):
        one_by_one.append(await bare_flow.payments_per_second(sizes.of(2_000, 200), batch=1))
        batched.append(await bare_flow.payments_per_second(sizes.of(5_000, 500), batch=200))
        usual.append(await usual_flow.payments_per_second(sizes.of(2_000, 200)))
    slow = report.add("bare nats-py + asyncpg, a transaction per message", one_by_one, "/s")
    fast = report.add("bare nats-py + asyncpg, 200 in a transaction", batched, "/s")
    plain = report.add("the usual way: FastStream, an ORM session per message", usual, "/s")
    report.add("sustained ÷ bare, a transaction per message", [sustained / slow], "×", target=0.5)
    report.add("sustained ÷ bare, 200 in a transaction", [sustained / fast], "×")
    report.add("sustained ÷ the usual way", [sustained / plain], "×")


async def win_clients(stack: LocalStack, number: int) -> tuple[str, list[str]]:
    """Clients through all three stages by the public APIs; the bank's secret and their contracts."""
    people = (
        Person("Anna", "sdr", "0101", "101"),
        Person("Boris", "ae", "0201", "201"),
        Person("Vera", "am", "0301", "301"),
    )
    at = datetime(2025, 9, 8, 10, tzinfo=MOSCOW)
    leads = [f"L{place}" for place in range(1, number + 1)]
    steps = [
        step
        for lead in leads
        for step in (
            Step("book_meeting", lead, at, {"by": "Anna", "starts_at": at + timedelta(days=2)}),
            Step("accept", lead, at + timedelta(hours=1), {"by": "Boris"}),
            Step("sign_contract", lead, at + timedelta(days=4), {"by": "Boris", "number": f"C-{lead}"}),
            Step("accept_client", lead, at + timedelta(days=5), {"by": "Vera"}),
        )
    ]
    story = Story(people, (("Alpha", ("Anna", "Boris", "Vera")),), {lead: lead for lead in leads}, tuple(steps), (), ())
    async with department_of(stack) as department:
        told = Storyteller(department, story)
        await told.open_department()
        await department.open_source("bank")
        await told.record_steps()
        await department.rest()
        return department.secret_of("bank"), [f"C-{lead}" for lead in leads]


@dataclass(slots=True)
class _Payers:
    """Clients who go on paying: each spec begins where the one before ended."""

    stack: LocalStack
    secret: str
    contracts: list[str]
    told: int = 0

    def pay(self, prefix: str, *, seconds: float, rate: float = 0.0, number: int = 0) -> Spec:
        spec = payments_to(self.stack, self.secret, self.contracts, prefix, seconds=seconds, rate=rate, number=number)
        spec = replace(spec, begins_at=self.told)
        self.told += spec.number
        return spec


async def _latencies(report: Report, sizes: Sizes, payers: _Payers) -> None:
    for rate in RATES:
        p50, p99 = [], []
        for turn in range(sizes.repeats + 1):
            spec = payers.pay(f"r{rate}-{turn}-", seconds=sizes.of(8, 1), rate=rate)
            waited = sorted(await _readable_after(payers.stack, spec))
            if turn:  # the first turn warms up
                p50.append(1e3 * percentile(waited, 0.5))
                p99.append(1e3 * percentile(waited, 0.99))
        targets = (50.0, 250.0) if rate == RATE_OF_THE_TARGETS else (None, None)
        report.add(
            f"readable at {rate} payments/s, p50",
            p50,
            "ms",
            target=targets[0],
            better="less",
            point=Point(PLOT, "p50", rate),
        )
        report.add(
            f"readable at {rate} payments/s, p99",
            p99,
            "ms",
            target=targets[1],
            better="less",
            point=Point(PLOT, "p99", rate),
        )


async def _sustained(report: Report, sizes: Sizes, payers: _Payers) -> float:
    stack = payers.stack
    rates, doors = [], []
    spent: dict[str, list[float]] = {}
    for turn in range(sizes.repeats):
        number = sizes.of(5_000, 300)
        spec = payers.pay(f"max{turn}-", seconds=60, number=number)
        before = _processor_seconds(stack)
        began = time.perf_counter()
        sent: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        watching = asyncio.create_task(_watch(stack, "account", spec.prefix, sent))
        measured = await load(spec, Path(stack.home))
        sent.set_result(measured.answered)
        await asyncio.gather(watching, *(all_taken(stack, stage, spec.prefix, number) for stage in STAGES))
        doors.append(measured.answered / measured.seconds)
        rates.append(number / (time.perf_counter() - began))
        for name, seconds in _processor_seconds(stack).items():
            spent.setdefault(name, []).append(1e3 * (seconds - before[name]) / number)
    for name, costs in spent.items():
        report.add(f"processor time of {name} per payment", costs, "ms", better="less")
    report.add("processor time of all per payment", [sum(turn) for turn in zip(*spent.values(), strict=True)], "ms")
    report.add("taken in at the door meanwhile", doors, "/s")
    report.add("sustained, webhook to entry in all three stages", rates, "/s", target=500.0)
    return statistics.median(rates)


def _processor_seconds(stack: LocalStack) -> dict[str, float]:
    """By process; a machine that others use too slows the clock on the wall, hardly this one."""
    pids = {service.place.name: service.pid for service in stack.services}
    pids |= {"postgres": stack.postgres.pid, "nats": stack.nats.pid}
    return {name: processor_seconds(pid) for name, pid in pids.items() if pid is not None}


async def _readable_after(stack: LocalStack, spec: Spec) -> list[float]:
    """Seconds from the request's first byte to the entry in account's ledger, of each payment."""
    sent: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    watching = asyncio.create_task(_watch(stack, "account", spec.prefix, sent))
    measured = await load(spec, Path(stack.home))
    sent.set_result(measured.answered)
    seen = await watching
    return [seen[payment_id] - sent for payment_id, sent in measured.sent.items() if payment_id in seen]


async def _watch(stack: LocalStack, stage: str, prefix: str, sent: "asyncio.Future[int]") -> dict[str, float]:
    """When each payment's entry was first seen; ends with the last of those sent, or with patience."""
    session = await asyncpg.connect(stack.database_urls(stage).app)
    try:
        after = await session.fetchval("SELECT coalesce(max(journal_no), 0) FROM bonus_entries")
        look = await session.prepare(
            "SELECT journal_no, cause_id FROM bonus_entries WHERE journal_no > $1 ORDER BY journal_no"
        )
        seen: dict[str, float] = {}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (sent.done() and len(seen) >= sent.result()):
            if time.monotonic() > deadline:
                msg = f"{stage} has {len(seen)} entries after {PATIENCE_SECONDS} s"
                raise RuntimeError(msg)
            for row in await look.fetch(after):
                after = row["journal_no"]
                if row["cause_id"].startswith(prefix):
                    seen.setdefault(row["cause_id"], time.perf_counter())
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await session.close()
    return seen


async def all_taken(stack: LocalStack, stage: str, prefix: str, number: int) -> None:
    """Return when the stage has evaluated so many payments; not every payment pays in every stage."""
    session = await asyncpg.connect(stack.database_urls(stage).app)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await session.fetchval(_TAKEN, f"bank/{prefix}") < number:  # noqa: ASYNC110 - other processes do it
                await asyncio.sleep(0.02)
    finally:
        await session.close()


def payments_to(
    stack: LocalStack,
    secret: str,
    contracts: list[str],
    prefix: str,
    *,
    seconds: float,
    rate: float = 0.0,
    number: int = 1_000_000,
) -> Spec:
    """Payments to these contracts: so many as fast as it goes, or at a rate."""
    return Spec(
        port=stack.ports.services["handoff-bus"],
        path="/v1/webhooks/bank",
        contracts=contracts,
        prefix=prefix,
        connections=128 if rate else 32,
        seconds=seconds,
        number=int(seconds * rate) if rate else number,
        per_second=rate,
        secret=secret,
        paid_at=PAID_AT,
    )
