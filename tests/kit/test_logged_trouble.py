"""What goes wrong with somebody's data is logged with its traceback and without the data."""

import io
import json
import logging
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog
from pydantic import BaseModel
from sqlalchemy import text

from conveyor.contracts.values import Contact
from conveyor.kit import logs
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.logs import configure_logging
from tests.servers import FreshDatabase

NAME, NOTE = "Аркадий Канарейкин", 'просил не звонить, O\'Neil "младший"'
INSERT = text("INSERT INTO people (name, note) VALUES (:name, :note)")
Trouble = Callable[[Database], Awaitable[None]]


class Closed(BaseModel, extra="forbid"):
    count: int


async def a_duplicate(database: Database) -> None:
    for _ in range(2):
        async with database.engine.begin() as connection:
            await connection.execute(INSERT, {"name": NAME, "note": NOTE})


async def a_refused_row(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(INSERT, {"name": NAME, "note": None})


async def many_refused_rows(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(INSERT, [{"name": NAME, "note": NOTE}] * 3)


async def a_wrong_argument(database: Database) -> None:
    async with database.raw() as connection:
        await connection.execute("SELECT $1::int", NAME)


async def a_cast(database: Database) -> None:
    async with database.raw() as connection:
        await connection.execute(f"SELECT '{NAME}'::uuid")


async def an_unreadable_fact(_: Database) -> None:
    Contact.model_validate({"name": [NAME], "note": NOTE})


async def a_field_too_many(_: Database) -> None:
    Closed.model_validate({"count": f"{NAME}\n{NOTE}", "more": NAME})


async def words_of_our_own(_: Database) -> None:
    msg = f"nobody is called {NAME!r} or {NOTE!r}"
    raise LookupError(msg)


async def a_missing_key(_: Database) -> None:
    try:
        dict[str, str]()[NAME]
    except KeyError as missing:
        raise RuntimeError from missing


TROUBLES: tuple[Trouble, ...] = (
    *(a_duplicate, a_refused_row, many_refused_rows, a_wrong_argument, a_cast),
    *(an_unreadable_fact, a_field_too_many, words_of_our_own, a_missing_key),
)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level)
    configure_logging(service="closing", log_format="json", level="INFO", stream=stream)
    yield stream
    structlog.reset_defaults()
    logs._access.is_on = False
    root.handlers[:], root.level = before


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: str(trouble.__name__))
async def test_no_words_of_anybody_are_logged(
    empty_database: FreshDatabase, written: io.StringIO, trouble: Trouble
) -> None:
    database = Database(empty_database("closing").migrator, service="closing", clock=SystemClock())
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE people (name text PRIMARY KEY, note text NOT NULL)"))
    try:
        await trouble(database)
    except Exception as error:
        logging.getLogger("conveyor").exception("unexpected error")
        kind = type(error).__name__
    await database.close()

    line = json.loads(written.getvalue().splitlines()[-1])
    assert kind in line["exception"]
    assert trouble.__name__ in line["exception"], "where it happened is told"
    assert not [word for part in (NAME, NOTE) for word in part.split() if len(word) > 2 and word in written.getvalue()]
    assert not [word for part in (NAME, NOTE) for word in part.split() if len(word) > 2 and word in line["exception"]]
