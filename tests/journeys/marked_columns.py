"""In which personal columns of a running system words stand."""

from collections.abc import Sequence

import asyncpg

from conveyor_local.stack import LocalStack
from tests.architecture.disclosed_columns import personal_columns
from tests.architecture.personal_columns import rows_of
from tests.architecture.sources import CHECKOUT
from tests.journeys.left_behind import holds, spellings_of

ROWS = rows_of((CHECKOUT / "docs" / "personal-data.md").read_text(encoding="utf-8"))
PERSONAL = personal_columns(ROWS)
_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"


async def marked_columns(stack: LocalStack, service: str, marks: Sequence[str]) -> set[tuple[str, str]]:
    """(`table.column`, mark) of every personal column of a service's database in which a mark stands."""
    connection = await asyncpg.connect(stack.database_urls(service).app)
    try:
        found: set[tuple[str, str]] = set()
        there = {name for (name,) in await connection.fetch(_TABLES)}
        for table in sorted(PERSONAL.keys() & there):
            for column in PERSONAL[table]:
                values = await connection.fetch(f'SELECT "{column}"::text FROM "{table}"')  # noqa: S608 - names of ours
                text = "\n".join(value for (value,) in values if value is not None)
                found |= {(f"{table}.{column}", mark) for mark in marks if holds(text, spellings_of(mark))}
        return found
    finally:
        await connection.close()
