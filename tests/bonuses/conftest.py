"""Books of a stage on a database of their own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

import conveyor.roster
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.room import MIGRATIONS
from conveyor.kit.clock import FrozenClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.migrations.run import KIT, upgrade
from conveyor_local.databases import DatabaseUrls
from tests.bonuses.callers import Callers, callers_of
from tests.bonuses.department import Books, at
from tests.bonuses.quarter import golden_quarter
from tests.servers import PostgresForTests

SERVICE_OF_ROLE: dict[BonusRole, str] = {"sdr": "telemarketing", "ae": "closing", "am": "account"}
LOCATIONS: tuple[Path, ...] = (KIT, conveyor.roster.MIGRATIONS, MIGRATIONS)

NewBooks = Callable[[BonusRole], Awaitable[Books]]


@pytest.fixture
def clock() -> FrozenClock:
    """After the golden quarter, so that all its months have ended."""
    return FrozenClock(at("2026-01-10 12:00"))


@pytest.fixture(scope="session")
def book_templates(postgres: PostgresForTests) -> Iterator[dict[str, str]]:
    """Databases with the tables of kit, roster and bonuses alone, by service; made when first asked for."""
    made: dict[str, str] = {}
    yield made
    for name in made.values():
        postgres.databases.drop(name)


@pytest.fixture
def book_urls(
    postgres: PostgresForTests, book_templates: dict[str, str]
) -> Iterator[Callable[[BonusRole], DatabaseUrls]]:
    """Addresses of a new database with these tables, dropped after the test."""
    made: list[str] = []

    def make(role: BonusRole) -> DatabaseUrls:
        service = SERVICE_OF_ROLE[role]
        if service not in book_templates:
            template = f"books_{service}_{new_id().hex[-12:]}"
            upgrade(postgres.create_database(template, service).migrator, LOCATIONS)
            book_templates[service] = template
        made.append(f"books_{service}_{new_id().hex[-12:]}")
        return postgres.create_database(made[-1], service, book_templates[service])

    yield make
    for name in made:
        postgres.databases.drop(name)


@pytest.fixture
async def new_books(book_urls: Callable[[BonusRole], DatabaseUrls], clock: FrozenClock) -> AsyncIterator[NewBooks]:
    """Makes the books of a role on a new database."""
    made: list[Books] = []

    async def make(role: BonusRole) -> Books:
        urls = await asyncio.to_thread(book_urls, role)
        books = Books(Database(urls.app, service=SERVICE_OF_ROLE[role], clock=clock), role, owner_url=urls.migrator)
        made.append(books)
        return books

    yield make
    for books in made:
        await books.database.close()


@pytest.fixture
async def ae_books(new_books: NewBooks) -> Books:
    """The AE's books of the golden quarter, with a second AE who earned nothing."""
    books = await new_books("ae")
    told = golden_quarter(calls=False)
    told.hired("Clara", "ae", "0202")
    await books.hear(told.events)
    return books


@pytest.fixture
async def callers(ae_books: Books, tmp_path: Path) -> AsyncIterator[Callers]:
    """People who ask the AE's books."""
    async with callers_of(ae_books, tmp_path) as made:
        yield made
