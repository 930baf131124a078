"""Facts of bonus periods and payout batches, said by each stage service about its own role."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import Code, NonNegativeInt, WireMoney

PeriodCode = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BonusPeriodClosed(Fact):
    """A month of one role was closed for good; later facts post into later months."""

    period: PeriodCode
    role: Code
    statements: NonNegativeInt
    totals: tuple[WireMoney, ...]
    journal_no: NonNegativeInt
    chain_head: Sha256


class PayoutRow(Fact):
    """One row of the payroll file; its fields are the file's columns."""

    batch_id: Code
    period: PeriodCode
    payroll_number: Code
    employee: str
    role: Code
    component: Code
    lead: str
    earned_on: date
    amount: str
    currency: str
    cause_id: str


class PayoutBatchFrozen(Fact):
    """A batch was frozen: its rows follow in `parts` facts `payout_batch_part` under its key. `id` is technical."""

    batch_id: Code
    id: UUID
    period: PeriodCode
    number: int
    role: Code
    lines: NonNegativeInt
    totals: tuple[WireMoney, ...]
    sha256: Sha256
    parts: NonNegativeInt
    journal_no: NonNegativeInt
    chain_head: Sha256


class PayoutBatchPart(Fact):
    """Rows of a frozen batch; `part` counts from 1. One part stays under 256 KiB."""

    batch_id: Code
    part: int
    rows: tuple[PayoutRow, ...]


class PayoutBatchAcknowledged(Fact):
    """Payroll took the batch over under its own run id."""

    batch_id: Code
    external_run_id: str


class RejectedPayoutLine(Fact):
    """A row that payroll could not pay, by its columns, and why."""

    payroll_number: Code
    component: Code
    cause_id: str
    lead: str
    amount: str
    currency: str
    reason: str


class PayoutLinesRejected(Fact):
    """Payroll could not pay these rows: the file keeps them, their entries go into the next batch."""

    batch_id: Code
    lines: tuple[RejectedPayoutLine, ...]


class PayoutBatchPaid(Fact):
    """Payroll paid the batch; `paid_on` is its own date of it, where it named one."""

    batch_id: Code
    period: PeriodCode
    paid_on: date | None = None


class PayoutBatchRejected(Fact):
    """Payroll rejected the whole batch: its entries wait for the period's batch of the next number."""

    batch_id: Code
    period: PeriodCode
    number: int
    reason: str
