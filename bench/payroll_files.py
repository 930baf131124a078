"""The payroll export as a piece: `payroll_export` in a process of its own, so that the memory measured is its alone."""

import asyncio
import json
import sys

from bench.measuring import Report, Sizes
from bench.payroll_export import GROWTH_MIB_MAX, RATIO_MIN
from conveyor_local.places import CHECKOUT

STD = "csv"


async def measure(report: Report, sizes: Sizes) -> None:
    """Each form of a file beside `COPY`, when it is written and when it is handed out again; the greatest growth."""
    lines = sizes.of(1_000_000, 2_000)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.payroll_export", "--lines", str(lines), "--json"),
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
    )
    printed, _ = await process.communicate()
    if process.returncode != 0:
        msg = f"the export of {lines} lines ended with {process.returncode}"
        raise RuntimeError(msg)
    figures = json.loads(printed)
    for figure in figures:
        name = f"{lines} lines, {figure['step']}"
        report.add(name, [figure["seconds"]], "s", better="less")
        if figure["ratio_to_copy"] is not None and "COPY" not in name:
            is_std = figure["step"].startswith(STD)
            report.add(f"{name} ÷ COPY", [figure["ratio_to_copy"]], "×", target=RATIO_MIN if is_std else None)
    growth = max(figure["growth_mib"] for figure in figures)
    report.add(f"{lines} lines: growth of memory", [growth], "MiB", target=float(GROWTH_MIB_MAX), better="less")
