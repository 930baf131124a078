"""The benchmark of long exports, small: memory stays, and a stored CSV is handed out no slower than a third of COPY."""

import asyncio
from collections.abc import Callable

from bench.payroll_export import GROWTH_MIB_MAX, RATIO_MIN, measure, report
from conveyor.bonuses.engine.lines import BonusRole
from conveyor_local.databases import DatabaseUrls


async def test_a_long_batch_in_every_form(book_urls: Callable[[BonusRole], DatabaseUrls]) -> None:
    urls = await asyncio.to_thread(book_urls, "ae")
    figures = await measure(urls, lines=20_000, forms=("csv", "jsonl", "json", "xlsx", "onec-zup"))
    assert max(figure.growth_mib for figure in figures) <= GROWTH_MIB_MAX, report(figures)
    stored = {figure.step: figure.ratio_to_copy for figure in figures if figure.step.startswith("csv")}
    assert all(ratio is not None and ratio >= RATIO_MIN for ratio in stored.values()), report(figures)
