"""Says a frozen batch: its rows in parts that fit into one fact each, then the batch itself."""

from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring_ascii

from conveyor.bonuses.payouts.tables import PayoutBatch
from conveyor.contracts.payroll import PayoutBatchFrozen, PayoutBatchPart, PayoutRow
from conveyor.contracts.values import WireMoney
from conveyor.kit.database import Transaction
from conveyor.payroll_file.rows import COLUMNS, FileRow

PART_BYTES_MAX = 240 * 1024
"""A part travels with its envelope under 256 KiB."""

_PARTS_IN_MEMORY_MAX = 8
_NAMES_BYTES = sum(len(f'"{column}":,') for column in COLUMNS) + 2


class Announcement:
    """Rows come page by page; full parts go to the outbox at once, so that a long batch is never whole in memory."""

    def __init__(self, tx: Transaction, batch: PayoutBatch, *, role: str) -> None:
        self._tx = tx
        self._batch = batch
        self._role = role
        self._rows: list[FileRow] = []
        self._size_bytes = 0
        self._parts = 0

    async def add(self, rows: Sequence[FileRow]) -> None:
        """These rows follow those before."""
        for row in rows:
            row_bytes = size_of(row)
            if self._rows and self._size_bytes + row_bytes > PART_BYTES_MAX:
                self._say_part()
                if self._parts % _PARTS_IN_MEMORY_MAX == 0:
                    await self._tx.write_said()
            self._rows.append(row)
            self._size_bytes += row_bytes

    async def end(self) -> None:
        """All rows were added."""
        if self._rows:
            self._say_part()
        batch = self._batch
        self._tx.say(
            PayoutBatchFrozen(
                batch_id=batch.batch_id,
                id=batch.technical_id,
                period=batch.period,
                number=batch.number,
                role=self._role,
                lines=batch.lines,
                totals=tuple(WireMoney.model_validate(total) for total in batch.totals),
                sha256=batch.sha256,
                parts=self._parts,
                journal_no=batch.journal_no,
                chain_head=batch.chain_head,
            )
        )

    def _say_part(self) -> None:
        self._parts += 1
        rows = tuple(_rows_of(self._rows))
        self._tx.say(PayoutBatchPart(batch_id=self._batch.batch_id, part=self._parts, rows=rows))
        self._rows, self._size_bytes = [], 0


def size_of(row: FileRow) -> int:
    """The row's length on the wire, at most: with every letter beyond ASCII escaped."""
    return _NAMES_BYTES + sum(map(len, map(encode_basestring_ascii, row)))


def _rows_of(rows: Sequence[FileRow]) -> Iterator[PayoutRow]:
    for row in rows:
        yield PayoutRow.model_validate(row._asdict())
