"""Sorted streams into one, and a file written in chunks: nothing lost, nothing out of order."""

import hashlib
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyor.payroll_file.csv_form import CsvForm, as_csv
from conveyor.payroll_file.merging import merged
from conveyor.payroll_file.rows import FileRow, in_file_order
from conveyor.payroll_file.streaming import CHUNK_BYTES, write_file
from tests.payroll_file.rows_to_write import row

NUMBERS = st.lists(st.integers(0, 30), max_size=25)


async def pages(rows: Sequence[FileRow], page_rows: int) -> AsyncIterator[Sequence[FileRow]]:
    for start in range(0, len(rows), page_rows):
        yield rows[start : start + page_rows]
        yield []


@settings(deadline=None)
@given(sources=st.lists(NUMBERS, max_size=4), page_rows=st.integers(1, 7))
async def test_any_streams_into_one(sources: list[list[int]], page_rows: int) -> None:
    rows = [
        [row(payroll_number=f"{number:04}", batch_id=f"s{source}") for number in numbers]
        for source, numbers in enumerate(sources)
    ]
    streams = [pages(in_file_order(own), page_rows) for own in rows]
    together = [each async for page in merged(streams) for each in page]
    assert together == in_file_order(each for own in rows for each in own)


async def test_a_file_is_kept_in_chunks() -> None:
    rows = [row(payroll_number=f"{number:06}", lead="Ромашка " * 40) for number in range(4000)]
    kept: dict[int, bytes] = {}

    async def keep(number: int, content: bytes) -> None:
        kept[number] = content

    written = await write_file(pages(in_file_order(rows), 700), CsvForm(), keep=keep)
    whole = b"".join(kept[number] for number in sorted(kept))
    assert whole == as_csv(rows)
    assert (written.sha256, written.size_bytes) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert list(kept) == list(range(1, written.chunks + 1))
    assert [len(content) for content in kept.values()][:-1] == [CHUNK_BYTES] * (written.chunks - 1)


async def test_what_breaks_lets_the_form_go() -> None:
    class Broken(CsvForm):
        closed = False

        def write(self, rows: Sequence[FileRow]) -> bytes:
            raise ValueError(len(rows))

        def close(self) -> None:
            self.closed = True

    async def keep(_number: int, _content: bytes) -> None:
        return

    form = Broken()
    with pytest.raises(ValueError, match="1"):
        await write_file(pages(in_file_order([row()]), 1), form, keep=keep)
    assert form.closed
