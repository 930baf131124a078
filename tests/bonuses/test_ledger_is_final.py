"""Nobody changes an entry; whoever does so past all locks is found by the chain."""

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from conveyor.bonuses.ledger.verification import verify_chain
from conveyor.bonuses.ledger.views import VerificationView
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books
from tests.bonuses.quarter import golden_quarter
from tests.servers import PostgresForTests

CHANGES = (
    "UPDATE bonus_entries SET amount_minor = amount_minor + 1",
    "DELETE FROM bonus_entries",
    "TRUNCATE bonus_entries CASCADE",
)
INSERT_ONLY = (
    "bonus_facts",
    "bonus_calls",
    "bonus_plan_versions",
    "bonus_plan_assignments",
    "bonus_closed_periods",
    "bonus_statements",
    "bonus_period_reviews",
    "bonus_sign_offs",
    "bonus_dispute_messages",
    "bonus_payout_rows",
    "bonus_payout_files",
    "bonus_payout_file_chunks",
    "bonus_payout_rejected_lines",
)


@pytest.fixture
async def books(new_books: NewBooks) -> Books:
    books = await new_books("ae")
    await books.hear(golden_quarter(calls=False).events)
    return books


async def verified(books: Books) -> VerificationView:
    async with books.database.reading() as session:
        return await verify_chain(session)


async def as_superuser(postgres: PostgresForTests, books: Books, *statements: str) -> None:
    database = make_url(books.database.url).database
    connection = await asyncpg.connect(
        make_url(postgres.admin_url).set(database=database).render_as_string(hide_password=False)
    )
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("change", CHANGES)
async def test_the_application_may_not_change_entries(books: Books, change: str) -> None:
    connection = await asyncpg.connect(books.database.url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(change)
    await connection.close()


@pytest.mark.parametrize("change", CHANGES)
async def test_not_even_the_owner_may(books: Books, change: str) -> None:
    connection = await asyncpg.connect(books.owner_url)
    await connection.execute("SET ROLE conveyor_closing_owner")
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(change)
    await connection.close()


@pytest.mark.parametrize("table", INSERT_ONLY)
async def test_other_records_are_insert_only_for_the_application(books: Books, table: str) -> None:
    connection = await asyncpg.connect(books.database.url)
    for change in (f"DELETE FROM {table}", f"TRUNCATE {table}"):  # noqa: S608 - names from the list above
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
    await connection.close()


async def test_an_untouched_chain_holds(books: Books) -> None:
    view = await verified(books)
    assert view.valid
    assert view.entries == view.watermark > 0


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE bonus_entries SET amount_minor = amount_minor + 1 WHERE journal_no = 2",
        "UPDATE bonus_entries SET explanation = explanation || '{\"x\": 1}' WHERE journal_no = 2",
        "UPDATE bonus_entries SET period = '2025-12' WHERE journal_no = 2",
        "DELETE FROM bonus_entries WHERE journal_no = 2",
    ],
)
async def test_a_changed_entry_is_named(books: Books, postgres: PostgresForTests, damage: str) -> None:
    await as_superuser(postgres, books, "ALTER TABLE bonus_entries DISABLE TRIGGER ALL", damage)
    view = await verified(books)
    assert not view.valid
    assert view.first_broken == 2
    assert view.problem


async def test_a_cut_tail_shows_in_the_head(books: Books, postgres: PostgresForTests) -> None:
    before = await verified(books)
    cut = "DELETE FROM bonus_entries WHERE journal_no = (SELECT max(journal_no) FROM bonus_entries)"
    await as_superuser(postgres, books, "ALTER TABLE bonus_entries DISABLE TRIGGER ALL", cut)
    after = await verified(books)
    assert after.watermark == before.watermark - 1
    assert after.chain_head != before.chain_head
