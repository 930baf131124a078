"""Part of an action: rows that payroll could not pay let their entries go, back to where the next batch finds them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.payouts.rules import LineAlreadyRejected
from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutBatchRow, RejectedLine
from conveyor.contracts.payroll import PayoutLinesRejected, RejectedPayoutLine
from conveyor.kit.database import Transaction
from conveyor.kit.refusals import FieldError, Invalid

_RELEASE = text(
    """
    UPDATE bonus_payout_batch_entries AS held
    SET live = false, released_at = :now, released_because = :because
    FROM bonus_entries AS entry JOIN bonus_payout_rows AS line
        ON line.employee_id = entry.employee_id
        AND line.component = entry.component
        AND line.cause = entry.cause
        AND line.currency = entry.currency
        AND line.lead_id IS NOT DISTINCT FROM entry.lead_id
    WHERE line.batch_id = :batch_id AND line.line_no = :line_no
        AND held.batch_id = :batch_id AND held.entry_id = entry.entry_id AND held.live
    """
)


@dataclass(frozen=True, slots=True)
class RejectedLineInput:
    """A row as payroll names it by its columns; without `lead` that of any lead."""

    payroll_number: str
    component: str
    cause_id: str
    lead: str | None
    reason: str


async def release_lines(
    tx: Transaction, batch: PayoutBatch, lines: Sequence[RejectedLineInput], *, pointer: str, actor: str
) -> list[int]:
    """Free the entries of these rows, say so, return the rows' numbers. The caller holds the payouts and the batch.

    What the columns named cannot tell apart (such as the same cause in two currencies) is rejected together.
    Raises Invalid naming by `pointer` the lines that the batch does not have, LineAlreadyRejected.
    """
    found = [await _rows_named(tx.session, batch.batch_id, line) for line in lines]
    unknown = [
        FieldError(f"{pointer}/{index}", "the batch has no such line") for index, rows in enumerate(found) if not rows
    ]
    if unknown:
        raise Invalid(errors=unknown)
    said: dict[int, RejectedPayoutLine] = {}
    for line, rows in zip(lines, found, strict=True):
        for row in rows:
            if row.line_no in said or await _is_rejected(tx.session, row):
                raise LineAlreadyRejected(line=_named(row))
            said[row.line_no] = _fact(row, line.reason)
            await _release(tx, batch, row, reason=line.reason, actor=actor)
    batch.rejected_lines += len(said)
    tx.say(PayoutLinesRejected(batch_id=batch.batch_id, lines=tuple(said[number] for number in sorted(said))))
    return sorted(said)


async def _rows_named(session: AsyncSession, batch_id: str, line: RejectedLineInput) -> Sequence[PayoutBatchRow]:
    statement = select(PayoutBatchRow).where(
        PayoutBatchRow.batch_id == batch_id,
        PayoutBatchRow.payroll_number == line.payroll_number,
        PayoutBatchRow.component == line.component,
        PayoutBatchRow.cause_id == line.cause_id,
        # A row of a file from before rows were kept does not know its entries.
        PayoutBatchRow.employee_id.is_not(None),
    )
    if line.lead is not None:
        statement = statement.where(PayoutBatchRow.lead == line.lead)
    return (await session.scalars(statement.order_by(PayoutBatchRow.line_no))).all()


async def _is_rejected(session: AsyncSession, row: PayoutBatchRow) -> bool:
    statement = select(RejectedLine.line_no).where(
        RejectedLine.batch_id == row.batch_id, RejectedLine.line_no == row.line_no
    )
    return await session.scalar(statement) is not None


async def _release(tx: Transaction, batch: PayoutBatch, row: PayoutBatchRow, *, reason: str, actor: str) -> None:
    await tx.session.execute(
        insert(RejectedLine).values(
            batch_id=batch.batch_id, line_no=row.line_no, reason=reason, rejected_at=tx.now, rejected_by=actor
        )
    )
    await tx.session.execute(
        _RELEASE, {"batch_id": batch.batch_id, "line_no": row.line_no, "now": tx.now, "because": reason}
    )


def _fact(row: PayoutBatchRow, reason: str) -> RejectedPayoutLine:
    return RejectedPayoutLine(
        payroll_number=row.payroll_number,
        component=row.component,
        cause_id=row.cause_id,
        lead=row.lead,
        amount=row.amount,
        currency=row.currency,
        reason=reason,
    )


def _named(row: PayoutBatchRow) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("payroll_number", "component", "cause_id", "lead")}
