"""Rows that the handlers of one transaction only keep: one statement per table at its end, however many facts came."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson

from conveyor.kit.database import Base, Transaction
from conveyor.kit.direct import Direct


def keep(tx: Transaction, table: type[Base], row: dict[str, Any]) -> None:
    """Insert the row before this transaction commits unless one with its key is there. Not seen by reads before.

    All rows that a transaction keeps of a table name the same columns; their values are what JSON can say.
    """
    name = f"rows of {table.__tablename__}"
    rows: list[dict[str, Any]] = tx.notes.setdefault(name, [])
    rows.append(row)

    async def write(tx: Transaction) -> None:
        # Sorted so that two transactions never wait for each other in a circle.
        kept = sorted(tx.notes.pop(name), key=lambda each: tuple(str(each[column]) for column in keys))
        statement = _insert(table.__tablename__, tuple(row))
        await statement.rows(tx.session, rows=orjson.dumps(kept, default=str).decode())

    keys = [column.name for column in table.__table__.primary_key]
    tx.once_before_commit(name, write)


@cache
def _insert(table: str, columns: Sequence[str]) -> Direct:
    named = ", ".join(columns)
    return Direct(
        f"""
        INSERT INTO {table} ({named})
        SELECT {named} FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)) ON CONFLICT DO NOTHING
        """  # noqa: S608 - names of mapped tables and columns
    )
