"""Export of a long payout batch: throughput beside `COPY … TO STDOUT` in the same run, and growth of memory.

`python -m bench.payroll_export --lines 1000000` starts a PostgreSQL of its own, fills one stage's ledger, freezes the
batch and hands it out in every form. The first export of a form writes its bytes and keeps them, every later one
reads them; `freeze` writes those of the std CSV. Prints a table and, with `--json`, the figures as JSON. Memory is the
process's greatest resident size during a step above that before it (Linux).
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import asyncpg

import conveyor.bonuses.room
import conveyor.roster
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.export_batch import export_batch
from conveyor.bonuses.payouts.files import content_of
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.kit.calendar import Month
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.migrations.run import KIT, upgrade
from conveyor.payroll_file.forms import FileFormat, wanted_file
from conveyor_local.databases import Databases, DatabaseUrls
from conveyor_local.home import Secrets
from conveyor_local.places import place_of
from conveyor_local.ports import free_port
from conveyor_local.postgres import EmbeddedPostgres

SERVICE = "closing"
PERIOD = "2025-09"
RATIO_MIN = 0.3
GROWTH_MIB_MAX = 64
LOCATIONS = (KIT, conveyor.roster.MIGRATIONS, conveyor.bonuses.room.MIGRATIONS)

_PEOPLE = """
    INSERT INTO roster_employees (employee_id, revision, full_name, role, payroll_number, hired_on)
    SELECT md5('employee' || n)::uuid, 1, 'Работник ' || n, 'ae', lpad(n::text, 4, '0'), '2025-01-01'
    FROM generate_series(1, 1000) AS n
"""
_LEADS = """
    INSERT INTO bonus_leads (lead_id, precedence, version, name)
    SELECT md5('lead' || n)::uuid, 1, 1, 'ООО «Ромашка ' || n || '»' FROM generate_series(1, 5000) AS n
"""
_ENTRIES = """
    INSERT INTO bonus_entries (journal_no, entry_id, chain_id, employee_id, role, component, plan_code, plan_version,
        cause, cause_id, lead_id, earned_on, period, kind, revision, amount_minor, currency, explanation, recorded_at,
        prev_hash, hash)
    SELECT n, md5('entry' || n)::uuid, 'bonuses/ae', md5('employee' || n % 1000 + 1)::uuid, 'ae', 'first_payment',
        'ae-standard', 1, 'payment:bank:P' || n, 'P' || n, md5('lead' || n % 5000 + 1)::uuid, '2025-09-22', '2025-09',
        'accrual', 1, CASE WHEN n % 7 = 0 THEN -n ELSE 1000 + n END, 'RUB', '{}', now(), repeat('0', 64),
        repeat('0', 64)
    FROM generate_series(1, $1::integer) AS n
"""
_CLOSED = """
    INSERT INTO bonus_closed_periods (period, closed_at, closed_by, statements, journal_no, chain_head)
    VALUES ('2025-09', now(), 'bench', 0, $1, repeat('0', 64))
"""
_COPIED = """
    SELECT batch_id, $2::text, payroll_number, employee, $3::text, component, lead, earned_on, amount, currency,
        cause_id
    FROM bonus_payout_rows WHERE batch_id = $1 ORDER BY line_no
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One step: how long it took, at what rate, beside the floor where it has one, and what memory grew by."""

    step: str
    seconds: float
    lines_per_second: int
    ratio_to_copy: float | None
    growth_mib: float
    size_mib: float


class Measuring:
    """Takes the figures of one run."""

    def __init__(self, *, lines: int) -> None:
        self.figures: list[Figure] = []
        self._lines = lines
        self._floor_seconds: float | None = None

    async def step(self, name: str, work: Callable[[], Awaitable[int]], *, is_floor: bool = False) -> None:
        """Do the work, which answers how many bytes it gave."""
        before = _resident_mib("VmRSS", forget_peak=True)
        started = time.perf_counter()
        size_bytes = await work()
        seconds = time.perf_counter() - started
        if is_floor:
            self._floor_seconds = seconds
        figure = Figure(
            step=name,
            seconds=round(seconds, 3),
            lines_per_second=round(self._lines / seconds),
            ratio_to_copy=round(self._floor_seconds / seconds, 3) if self._floor_seconds else None,
            growth_mib=round(_resident_mib("VmHWM") - before, 1),
            size_mib=round(size_bytes / 2**20, 1),
        )
        self.figures.append(figure)
        sys.stderr.write(f"{name}: {seconds:.1f} s\n")


def _resident_mib(name: str, *, forget_peak: bool = False) -> float:
    if forget_peak:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


async def measure(urls: DatabaseUrls, *, lines: int, forms: Sequence[str]) -> list[Figure]:
    """The figures of one run on a migrated, empty database."""
    await _fill(urls, lines=lines)
    database = Database(urls.app, service=SERVICE, clock=SystemClock())
    desk, measuring = Desk(role="ae", database=database), Measuring(lines=lines)
    batch_id = f"{SERVICE}-{PERIOD}-1"

    async def freeze() -> int:
        frozen = await freeze_batch(desk, month=Month.parse(PERIOD), actor="bench")
        assert frozen.lines == lines  # noqa: S101 - a benchmark of something else would say nothing
        return 0

    async def export(form: str) -> int:
        file_format = next((each for each in get_args(FileFormat) if each == form), None)
        wanted = wanted_file(file_format=file_format) if file_format else wanted_file(profile=form)
        file = await export_batch(desk, batch_id=batch_id, wanted=wanted)
        return sum([len(chunk) async for chunk in content_of(database, file)])

    try:
        await measuring.step("freeze: rows, std CSV, facts", freeze)
        await measuring.step("COPY … TO STDOUT (floor)", partial(_copied, urls, batch_id), is_floor=True)
        for form in forms:
            await measuring.step(f"{form}, first", partial(export, form))
            await measuring.step(f"{form}, again", partial(export, form))
    finally:
        await database.close()
    return measuring.figures


async def _fill(urls: DatabaseUrls, *, lines: int) -> None:
    connection = await asyncpg.connect(urls.app)
    try:
        await connection.execute(_PEOPLE)
        await connection.execute(_LEADS)
        await connection.execute(_ENTRIES, lines)
        await connection.execute(_CLOSED, lines)
        await connection.execute("ANALYZE bonus_entries")
    finally:
        await connection.close()


async def _copied(urls: DatabaseUrls, batch_id: str) -> int:
    connection = await asyncpg.connect(urls.app)
    size_bytes = 0

    async def take(content: bytes) -> None:
        nonlocal size_bytes
        size_bytes += len(content)

    try:
        await connection.copy_from_query(_COPIED, batch_id, PERIOD, "ae", output=take, format="csv", header=True)
    finally:
        await connection.close()
    return size_bytes


def report(figures: list[Figure]) -> str:
    """The figures as a table."""
    head = f"{'step':32}{'seconds':>9}{'lines/s':>12}{'÷ COPY':>9}{'growth MiB':>12}{'file MiB':>10}"
    lines = [
        f"{figure.step:32}{figure.seconds:9.2f}{figure.lines_per_second:12,}"
        f"{'' if figure.ratio_to_copy is None else format(figure.ratio_to_copy, '.2f'):>9}"
        f"{figure.growth_mib:12.1f}{figure.size_mib:10.1f}"
        for figure in figures
    ]
    return "\n".join([head, *lines, f"to reach: ratio ≥ {RATIO_MIN}, growth ≤ {GROWTH_MIB_MAX} MiB"])


def main() -> None:
    """Run on a server of its own."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lines", type=int, default=1_000_000)
    arguments.add_argument("--forms", nargs="+", default=["csv", "jsonl", "json", "xlsx", "onec-zup"])
    arguments.add_argument("--json", action="store_true")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="conveyor-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        secrets = Secrets.fresh()
        server = EmbeddedPostgres(home=Path(folder), port=free_port(), password=secrets.postgres, durable=False)
        server.start()
        try:
            databases, place = Databases(admin_url=server.admin_url), place_of(SERVICE)
            databases.apply_roles(place, secrets.databases[SERVICE])
            databases.create(place, "bench")
            urls = databases.urls(place, "bench", secrets.databases[SERVICE])
            upgrade(urls.migrator, LOCATIONS)
            figures = asyncio.run(measure(urls, lines=wanted.lines, forms=wanted.forms))
        finally:
            server.stop()
            server.forget()
    sys.stdout.write(
        json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=2)
        if wanted.json
        else report(figures)
    )
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
