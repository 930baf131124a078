"""Rows that handlers only keep: one statement for all of a transaction, the first of each key stands."""

from typing import Any

from sqlalchemy import select

from account.payments.tables import ClientRefund
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.rows import keep
from tests.servers import FreshDatabase
from tests.statements import statements_of


def _refund(refund_id: str, amount_minor: int) -> dict[str, Any]:
    now = SystemClock().now()
    refund = {"source": "bank", "refund_id": refund_id, "payment_id": "P1", "lead_id": new_id(), "refunded_at": now}
    return refund | {"amount_minor": amount_minor, "currency": "RUB"}


async def test_rows_of_a_transaction_are_written_together_and_once(fresh_database: FreshDatabase) -> None:
    database = Database(fresh_database("account").app, service="account", clock=SystemClock())
    asked = statements_of(database)
    async with database.transaction() as tx:
        for refund_id, amount_minor in (("R2", 2), ("R1", 1), ("R2", 3)):
            keep(tx, ClientRefund, _refund(refund_id, amount_minor))
        await tx.commit()
    async with database.transaction() as tx:
        keep(tx, ClientRefund, _refund("R1", 9))
        await tx.commit()
    async with database.reading() as session:
        rows = (await session.execute(select(ClientRefund.refund_id, ClientRefund.amount_minor))).all()
    await database.close()
    assert sorted(tuple(row) for row in rows) == [("R1", 1), ("R2", 2)]
    assert sum("INSERT INTO client_refunds" in each for each in asked) == 2
