"""Rows that the handlers of one transaction only keep: one statement per table at its end, however many facts came."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from conveyor.kit.database import Base, Transaction


def keep(tx: Transaction, table: type[Base], row: dict[str, Any]) -> None:
    """Insert the row before this transaction commits unless one with its key is there. Not seen by reads before."""
    name = f"rows of {table.__tablename__}"
    rows: list[dict[str, Any]] = tx.notes.setdefault(name, [])
    rows.append(row)

    async def write(tx: Transaction) -> None:
        # Sorted so that two transactions never wait for each other in a circle.
        kept = sorted(tx.notes.pop(name), key=lambda each: tuple(str(each[column]) for column in keys))
        await tx.session.execute(insert(table).on_conflict_do_nothing(), kept)

    keys = [column.name for column in table.__table__.primary_key]
    tx.once_before_commit(name, write)
