"""Closing months and freezing batches: in order, once, by one winner, nothing paid twice."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import func, select, text

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.payouts.acknowledge_batch import acknowledge_batch
from conveyor.bonuses.payouts.rules import (
    BatchAlreadyAcknowledged,
    BatchNotExported,
    ControlTotalsDiffer,
    PayoutBatchExists,
    PeriodNotClosed,
)
from conveyor.bonuses.payouts.tables import PayoutBatchEntry
from conveyor.bonuses.payouts.views import PayoutBatchView
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.periods.rules import EarlierPeriodsOpen, NotCaughtUp, PeriodAlreadyClosed, PeriodNotEnded
from conveyor.bonuses.periods.views import PeriodView
from conveyor.bonuses.statements.rules import statement_hash
from conveyor.bonuses.statements.tables import Statement
from conveyor.kit.calendar import Month
from conveyor.kit.clock import FrozenClock
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, at, id_of
from tests.bonuses.payroll_office import DECEMBER, NOVEMBER, OCTOBER, SEPTEMBER, close, exported, freeze
from tests.bonuses.quarter import golden_quarter


@pytest.fixture
async def books(new_books: NewBooks) -> Books:
    books = await new_books("ae")
    await books.hear(golden_quarter(calls=False).events)
    return books


async def said(books: Books, field: str) -> list[dict[str, Any]]:
    async with books.database.reading() as session:
        bodies = list(await session.scalars(text("SELECT body FROM outbox ORDER BY id")))
    facts = [json.loads(body)["data"] for body in bodies]
    return [data for data in facts if field in data]


class TestClosing:
    async def test_only_ended_months(self, books: Books, clock: FrozenClock) -> None:
        clock.set(at("2025-09-30 23:59"))
        with pytest.raises(PeriodNotEnded):
            await close(books, SEPTEMBER)
        clock.set(at("2025-10-01 00:00"))
        await close(books, SEPTEMBER)

    async def test_earlier_months_with_something_in_them_are_named(self, books: Books) -> None:
        with pytest.raises(EarlierPeriodsOpen) as refused:
            await close(books, NOVEMBER)
        assert refused.value.extensions == {"periods": ["2025-09", "2025-10"]}

    async def test_empty_months_close_with_a_later_one(self, books: Books) -> None:
        await close(books, SEPTEMBER, OCTOBER, NOVEMBER, Month(2025, 12))
        with pytest.raises(PeriodAlreadyClosed):
            await close(books, Month(2025, 8))

    async def test_closing_again_is_refused(self, books: Books) -> None:
        await close(books, SEPTEMBER)
        with pytest.raises(PeriodAlreadyClosed):
            await close(books, SEPTEMBER)

    async def test_of_two_closings_at_once_one_wins(self, books: Books) -> None:
        answers = await asyncio.gather(
            *[close_period(books.desk, month=SEPTEMBER, actor="head") for _ in range(5)], return_exceptions=True
        )
        assert sum(isinstance(answer, PeriodView) for answer in answers) == 1
        assert sum(isinstance(answer, PeriodAlreadyClosed) for answer in answers) == 4

    async def test_it_waits_until_everything_is_read(self, books: Books) -> None:
        async def never(*, seconds_max: float) -> bool:
            return seconds_max > 1

        books.desk.caught_up, books.desk.patience_seconds = never, 0.1
        with pytest.raises(NotCaughtUp):
            await close(books, SEPTEMBER)

    async def test_a_statement_for_everybody_with_its_hash(self, books: Books) -> None:
        view = await close_period(books.desk, month=SEPTEMBER, actor="head")
        async with books.database.reading() as session:
            (statement,) = list(await session.scalars(select(Statement)))
        assert view.statements == 1
        assert statement.employee_id == id_of("Boris")
        assert statement.document["total"] == {"amount": "30000.00", "currency": "RUB"}
        assert statement.hash == statement_hash(statement.document)
        assert "Romashka" not in str(statement.document)


class TestBatches:
    async def test_only_of_closed_months(self, books: Books) -> None:
        with pytest.raises(PeriodNotClosed):
            await freeze(books, SEPTEMBER)

    async def test_of_many_at_once_one_wins(self, books: Books) -> None:
        await close(books, SEPTEMBER)
        answers = await asyncio.gather(*[freeze(books, SEPTEMBER) for _ in range(5)], return_exceptions=True)
        assert sum(isinstance(answer, PayoutBatchView) for answer in answers) == 1
        refused = [answer for answer in answers if isinstance(answer, PayoutBatchExists)]
        assert len(refused) == 4
        assert refused[0].extensions["batch_id"] == "closing-2025-09-1"

    async def test_what_is_negative_is_carried_forward_whole(self, books: Books) -> None:
        await close(books, SEPTEMBER, OCTOBER, NOVEMBER)
        await freeze(books, OCTOBER)
        batch = await freeze(books, NOVEMBER)
        assert (batch.lines, batch.totals) == (0, [])
        carried = batch.model_dump(mode="json")["carried_forward"]
        assert carried == [{"employee_id": str(id_of("Boris")), "net": [{"amount": "-5000.00", "currency": "RUB"}]}]

    async def test_a_later_batch_takes_what_earlier_ones_left(self, books: Books) -> None:
        await close(books, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER)
        batch = await freeze(books, DECEMBER)
        assert [total.amount for total in batch.totals] == ["32500.00"]
        assert await exported(books, batch.id) == (
            b"batch_id,period,payroll_number,employee,role,component,lead,earned_on,amount,currency,cause_id\r\n"
            b"closing-2025-12-1,2025-12,0201,Boris,ae,first_payment,Romashka,2025-09-22,20000.00,RUB,P1\r\n"
            b"closing-2025-12-1,2025-12,0201,Boris,ae,first_payment,Romashka,2025-09-29,10000.00,RUB,P2\r\n"
            b"closing-2025-12-1,2025-12,0201,Boris,ae,first_payment,Romashka,2025-11-20,-5000.00,RUB,R1\r\n"
            b"closing-2025-12-1,2025-12,0201,Boris,ae,second_payment,Romashka,2025-10-01,7500.00,RUB,P3\r\n"
        )

    async def test_every_entry_of_a_closed_month_is_held_once(self, books: Books) -> None:
        await close(books, SEPTEMBER, OCTOBER)
        await freeze(books, SEPTEMBER)
        await freeze(books, OCTOBER)
        async with books.database.reading() as session:
            held = await session.scalar(select(func.count()).select_from(PayoutBatchEntry))
            entries = await session.scalar(
                select(func.count()).select_from(BonusEntry).where(BonusEntry.period <= "2025-10")
            )
        assert held == entries

    async def test_a_late_fact_leaves_a_frozen_batch_alone(self, new_books: NewBooks) -> None:
        books = await new_books("ae")
        on_time = golden_quarter(without=frozenset({"P1"}), calls=False).events
        await books.hear(on_time)
        await close(books, SEPTEMBER)
        batch = await freeze(books, SEPTEMBER)
        before = await exported(books, batch.id)
        await books.hear(event for event in golden_quarter(calls=False).events if event not in on_time)
        await close(books, OCTOBER)
        late = await freeze(books, OCTOBER)
        assert await exported(books, batch.id) == before
        assert [total.amount for total in late.totals] == ["27500.00"]

    async def test_it_is_announced_with_its_rows(self, books: Books) -> None:
        await close(books, SEPTEMBER)
        batch = await freeze(books, SEPTEMBER)
        (announced,) = await said(books, "parts")
        (part,) = await said(books, "rows")
        assert announced["sha256"] == batch.sha256
        assert (announced["lines"], announced["parts"]) == (2, 1)
        assert [row["cause_id"] for row in part["rows"]] == ["P1", "P2"]


class TestAcknowledgement:
    @pytest.fixture
    async def batch(self, books: Books) -> PayoutBatchView:
        await close(books, SEPTEMBER)
        return await freeze(books, SEPTEMBER)

    async def acknowledge(self, books: Books, batch: PayoutBatchView, **changes: Any) -> PayoutBatchView:
        said = {"external_run_id": "run-7", "lines": batch.lines, "totals": batch.totals, "sha256": batch.sha256}
        return await acknowledge_batch(books.desk, batch_id=batch.id, **{**said, **changes})

    async def test_frozen_exported_acknowledged(self, books: Books, batch: PayoutBatchView) -> None:
        with pytest.raises(BatchNotExported):
            await self.acknowledge(books, batch)
        await exported(books, batch.id, dialect="ru")
        done = await self.acknowledge(books, batch)
        assert (done.state, done.external_run_id) == ("acknowledged", "run-7")
        assert (await self.acknowledge(books, batch)).state == "acknowledged"
        with pytest.raises(BatchAlreadyAcknowledged):
            await self.acknowledge(books, batch, external_run_id="run-8")

    @pytest.mark.parametrize("changes", [{"lines": 3}, {"totals": []}, {"sha256": "0" * 64}])
    async def test_other_totals_are_refused_with_both(
        self, books: Books, batch: PayoutBatchView, changes: dict[str, Any]
    ) -> None:
        await exported(books, batch.id, file_format="json")
        with pytest.raises(ControlTotalsDiffer) as refused:
            await self.acknowledge(books, batch, **changes)
        name = next(iter(changes))
        assert refused.value.extensions["acknowledgement"][name] == changes[name]
        assert refused.value.extensions["batch"][name] != changes[name]
