"""Several sorted streams of rows into one, a page of each in memory at a time."""

from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence

from conveyor.payroll_file.rows import FileRow, sort_key
from conveyor.payroll_file.streaming import Pages


async def merged(sources: Sequence[Pages]) -> AsyncIterator[Sequence[FileRow]]:
    """The rows of all sources in file order. Each source must be in file order itself."""
    heads: dict[Pages, Sequence[FileRow]] = {}
    for source in sources:
        await _refill(heads, source)
    while heads:
        # Whatever is not after the earliest end of a page can be followed by nothing smaller.
        end = min(sort_key(rows[-1]) for rows in heads.values())
        ready: list[FileRow] = []
        for source, rows in list(heads.items()):
            count = bisect_right(rows, end, key=sort_key)
            ready += rows[:count]
            heads[source] = rows[count:]
            if not heads[source]:
                await _refill(heads, source)
        ready.sort(key=sort_key)
        yield ready


async def _refill(heads: dict[Pages, Sequence[FileRow]], source: Pages) -> None:
    heads.pop(source, None)
    async for rows in source:
        if rows:
            heads[source] = rows
            return
