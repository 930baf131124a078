"""A batch after it was frozen: acknowledged, paid, or rejected whole or in lines; nothing lost, nothing paid twice."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.payouts.acknowledge_batch import acknowledge_batch
from conveyor.bonuses.payouts.pay_batch import pay_batch
from conveyor.bonuses.payouts.reject_batch import reject_batch
from conveyor.bonuses.payouts.reject_lines import reject_lines
from conveyor.bonuses.payouts.release_lines import RejectedLineInput
from conveyor.bonuses.payouts.rules import (
    BatchAlreadyPaid,
    BatchAlreadyRejected,
    BatchNotAcknowledged,
    BatchNotExported,
    LineAlreadyRejected,
    PayoutBatchExists,
)
from conveyor.bonuses.payouts.tables import PayoutBatchEntry
from conveyor.bonuses.payouts.views import PayoutBatchView
from conveyor.kit.refusals import Invalid
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books
from tests.bonuses.payroll_office import OCTOBER, SEPTEMBER, acknowledged, close, exported, freeze
from tests.bonuses.quarter import golden_quarter


@pytest.fixture
async def books(new_books: NewBooks) -> Books:
    books = await new_books("ae")
    await books.hear(golden_quarter(calls=False).events)
    await close(books, SEPTEMBER)
    return books


@pytest.fixture
async def batch(books: Books) -> PayoutBatchView:
    return await freeze(books, SEPTEMBER)


def first_line(**changes: Any) -> RejectedLineInput:
    named = {"payroll_number": "0201", "component": "first_payment", "cause_id": "P1", "lead": "Romashka"}
    return RejectedLineInput(**{**named, "reason": "account blocked", **changes})


async def said(books: Books, kind: str) -> int:
    async with books.database.reading() as session:
        found = await session.scalar(
            text("SELECT count(*) FROM outbox WHERE subject LIKE :subject"), {"subject": f"%.{kind}.v1.%"}
        )
    return int(found or 0)


async def held_twice(books: Books) -> int:
    async with books.database.reading() as session:
        twice = select(PayoutBatchEntry.entry_id).where(PayoutBatchEntry.live).group_by(PayoutBatchEntry.entry_id)
        return await session.scalar(select(func.count()).select_from(twice.having(func.count() > 1).subquery())) or 0


class TestPayment:
    async def test_only_what_was_acknowledged_and_once(self, books: Books, batch: PayoutBatchView) -> None:
        with pytest.raises(BatchNotAcknowledged):
            await pay_batch(books.desk, batch_id=batch.id, paid_on=None)
        await acknowledged(books, batch)
        paid = await pay_batch(books.desk, batch_id=batch.id, paid_on=date(2025, 10, 12))
        assert (paid.state, paid.paid_on) == ("paid", date(2025, 10, 12))
        assert await said(books, "payout_batch_paid") == 1
        with pytest.raises(BatchAlreadyPaid):
            await pay_batch(books.desk, batch_id=batch.id, paid_on=None)

    async def test_nothing_paid_is_rejected(self, books: Books, batch: PayoutBatchView) -> None:
        await acknowledged(books, batch)
        await pay_batch(books.desk, batch_id=batch.id, paid_on=None)
        with pytest.raises(BatchAlreadyPaid):
            await reject_batch(books.desk, batch_id=batch.id, reason="late")
        with pytest.raises(BatchAlreadyPaid):
            await reject_lines(books.desk, batch_id=batch.id, lines=[first_line()], actor="payroll")
        with pytest.raises(BatchAlreadyPaid):
            await acknowledged(books, batch)

    async def test_payment_and_rejection_at_once(self, books: Books, batch: PayoutBatchView) -> None:
        await acknowledged(books, batch)
        answers = await asyncio.gather(
            *[pay_batch(books.desk, batch_id=batch.id, paid_on=None) for _ in range(3)],
            *[reject_batch(books.desk, batch_id=batch.id, reason="late") for _ in range(3)],
            return_exceptions=True,
        )
        assert sum(isinstance(answer, PayoutBatchView) for answer in answers) == 1
        assert sum(isinstance(answer, BatchAlreadyPaid | BatchAlreadyRejected) for answer in answers) == 5


class TestRejection:
    async def test_the_next_batch_of_the_period_takes_the_entries(self, books: Books, batch: PayoutBatchView) -> None:
        before = await exported(books, batch.id)
        with pytest.raises(PayoutBatchExists):
            await freeze(books, SEPTEMBER)
        rejected = await reject_batch(books.desk, batch_id=batch.id, reason="run not opened")
        assert (rejected.state, rejected.rejection_reason) == ("rejected", "run not opened")
        again = await freeze(books, SEPTEMBER)
        assert (again.id, again.number) == ("closing-2025-09-2", 2)
        assert (again.lines, again.totals) == (batch.lines, batch.totals)
        assert await exported(books, again.id) == before.replace(b"closing-2025-09-1", b"closing-2025-09-2")
        assert await exported(books, batch.id) == before
        assert await held_twice(books) == 0

    async def test_a_rejected_batch_is_at_its_end(self, books: Books, batch: PayoutBatchView) -> None:
        await exported(books, batch.id)
        await reject_batch(books.desk, batch_id=batch.id, reason="run not opened")
        for refused in (
            reject_batch(books.desk, batch_id=batch.id, reason="again"),
            pay_batch(books.desk, batch_id=batch.id, paid_on=None),
            reject_lines(books.desk, batch_id=batch.id, lines=[first_line()], actor="payroll"),
            acknowledged(books, batch),
        ):
            with pytest.raises(BatchAlreadyRejected):
                await refused
        assert await said(books, "payout_batch_rejected") == 1

    async def test_a_later_batch_may_take_them_too(self, books: Books, batch: PayoutBatchView) -> None:
        await close(books, OCTOBER)
        await reject_batch(books.desk, batch_id=batch.id, reason="pay both together")
        assert [total.amount for total in (await freeze(books, OCTOBER)).totals] == ["37500.00"]
        assert (await freeze(books, SEPTEMBER)).lines == 0

    async def test_rejection_and_freezing_at_once(self, books: Books, batch: PayoutBatchView) -> None:
        answers = await asyncio.gather(
            reject_batch(books.desk, batch_id=batch.id, reason="late"),
            *[freeze(books, SEPTEMBER) for _ in range(4)],
            return_exceptions=True,
        )
        frozen = [answer for answer in answers[1:] if isinstance(answer, PayoutBatchView)]
        assert len(frozen) <= 1
        assert all(each.lines == batch.lines for each in frozen)
        assert await held_twice(books) == 0


class TestRejectedLines:
    async def test_their_entries_go_into_the_next_batch(self, books: Books, batch: PayoutBatchView) -> None:
        with pytest.raises(BatchNotExported):
            await reject_lines(books.desk, batch_id=batch.id, lines=[first_line()], actor="payroll")
        before = await exported(books, batch.id)
        answer = await reject_lines(books.desk, batch_id=batch.id, lines=[first_line()], actor="payroll")
        assert [(line.cause_id, line.reason) for line in answer.lines] == [("P1", "account blocked")]
        assert (answer.batch.rejected_lines, answer.batch.lines, answer.batch.sha256) == (1, 2, batch.sha256)
        assert await exported(books, batch.id) == before
        assert await said(books, "payout_lines_rejected") == 1

        await close(books, OCTOBER)
        later = await freeze(books, OCTOBER)
        assert [total.amount for total in later.totals] == ["27500.00"]
        assert b"2025-10,0201,Boris,ae,first_payment,Romashka,2025-09-22,20000.00,RUB,P1" in await exported(
            books, later.id
        )

    async def test_in_the_acknowledgement(self, books: Books, batch: PayoutBatchView) -> None:
        await exported(books, batch.id)
        done = await acknowledge_batch(
            books.desk,
            batch_id=batch.id,
            external_run_id="run-7",
            lines=batch.lines,
            totals=batch.totals,
            sha256=batch.sha256,
            rejected_lines=[first_line(cause_id="P2", lead=None)],
        )
        assert (done.state, done.rejected_lines) == ("acknowledged", 1)
        with pytest.raises(LineAlreadyRejected):
            await reject_lines(books.desk, batch_id=batch.id, lines=[first_line(cause_id="P2")], actor="payroll")

    @pytest.mark.parametrize(
        "changes", [{"payroll_number": "0202"}, {"component": "x"}, {"cause_id": "P9"}, {"lead": "Lutik"}]
    )
    async def test_unknown_lines(self, books: Books, batch: PayoutBatchView, changes: dict[str, str]) -> None:
        await exported(books, batch.id)
        with pytest.raises(Invalid) as refused:
            await reject_lines(books.desk, batch_id=batch.id, lines=[first_line(), first_line(**changes)], actor="p")
        assert [error.pointer for error in refused.value.errors] == ["/lines/1"]
        async with books.database.reading() as session:
            live = await session.scalar(select(func.count()).where(PayoutBatchEntry.live))
            assert live == await session.scalar(select(func.count()).where(BonusEntry.period == "2025-09"))

    async def test_of_many_at_once_one_wins(self, books: Books, batch: PayoutBatchView) -> None:
        await exported(books, batch.id)
        answers = await asyncio.gather(
            *[reject_lines(books.desk, batch_id=batch.id, lines=[first_line()], actor="p") for _ in range(4)],
            return_exceptions=True,
        )
        assert sum(isinstance(answer, LineAlreadyRejected) for answer in answers) == 3
