"""Databases for tests: copies of migrated templates, with the rights of the service's own role."""

import asyncpg
import pytest

from conveyor.contracts.registry import SERVICES
from tests.servers import FreshDatabase


@pytest.mark.parametrize("service", SERVICES)
async def test_each_copy_is_its_own_and_the_app_role_reads_every_table(
    fresh_database: FreshDatabase, service: str
) -> None:
    first, second = fresh_database(service), fresh_database(service)
    assert first != second

    connection = await asyncpg.connect(first.app, timeout=10)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row["tablename"] for row in rows]
        for table in tables:
            if table != "alembic_version":
                await connection.execute(f'SELECT FROM "{table}" LIMIT 0')
        owners = await connection.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()

    assert "outbox" in tables
    assert [row["tableowner"] for row in owners] == [f"conveyor_{service.replace('-', '_')}_owner"]
