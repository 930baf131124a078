"""What a batch takes and the rows that come of it: written in SQL from the ledger, whatever the number of entries."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.payouts.rules import PayrollNumberUnknown
from conveyor.bonuses.payouts.waiting import WAITING_UP_TO
from conveyor.contracts.values import CURRENCY_DIGITS
from conveyor.kit.money import Money

_TAKE = text(
    f"""
    WITH waiting AS ({WAITING_UP_TO}),
    negative AS (
        SELECT DISTINCT employee_id FROM waiting GROUP BY employee_id, currency HAVING sum(amount_minor) < 0
    )
    INSERT INTO bonus_payout_batch_entries (batch_id, entry_id)
    SELECT :batch_id, entry_id FROM waiting WHERE employee_id NOT IN (SELECT employee_id FROM negative)
    """  # noqa: S608 - fragments of our own
)

_LEFT_OUT = text(
    f"""
    SELECT employee_id, currency, sum(amount_minor) AS amount_minor
    FROM ({WAITING_UP_TO}) AS waiting
    GROUP BY employee_id, currency
    ORDER BY employee_id, currency
    """  # noqa: S608 - a fragment of our own
)

_UNKNOWN = text(
    """
    SELECT DISTINCT entry.employee_id
    FROM bonus_payout_batch_entries AS held JOIN bonus_entries AS entry USING (entry_id)
    WHERE held.batch_id = :batch_id
        AND NOT EXISTS (SELECT FROM roster_employees AS employee WHERE employee.employee_id = entry.employee_id)
    ORDER BY entry.employee_id
    """
)

# The order is that of conveyor.payroll_file.rows; "C" compares code points. Equal rows have equal bytes: the lead's id
# only settles which of them gets which number.
_WRITE_ROWS = text(
    """
    WITH line AS (
        SELECT entry.employee_id, entry.component, entry.cause, entry.lead_id, entry.currency,
            sum(entry.amount_minor) AS amount_minor,
            (array_agg(entry.earned_on ORDER BY entry.journal_no DESC))[1] AS earned_on,
            (array_agg(entry.cause_id ORDER BY entry.journal_no DESC))[1] AS cause_id
        FROM bonus_payout_batch_entries AS held JOIN bonus_entries AS entry USING (entry_id)
        WHERE held.batch_id = :batch_id
        GROUP BY entry.employee_id, entry.component, entry.cause, entry.lead_id, entry.currency
        HAVING sum(entry.amount_minor) <> 0
    ),
    named AS (
        SELECT line.*, employee.payroll_number, employee.full_name, coalesce(company.name, '') AS lead,
            round(line.amount_minor / (10::numeric ^ money.digits), money.digits)::text AS amount
        FROM line
            JOIN roster_employees AS employee USING (employee_id)
            JOIN unnest(CAST(:currencies AS text[]), CAST(:digits AS integer[])) AS money (currency, digits)
                ON money.currency = line.currency
            LEFT JOIN bonus_leads AS company ON company.lead_id = line.lead_id
    )
    INSERT INTO bonus_payout_rows
        (batch_id, line_no, payroll_number, employee, component, lead, earned_on, amount, currency, cause_id,
         employee_id, cause, lead_id)
    SELECT :batch_id,
        row_number() OVER (
            ORDER BY payroll_number COLLATE "C", component COLLATE "C", earned_on, cause_id COLLATE "C",
                lead COLLATE "C", amount COLLATE "C", currency COLLATE "C", full_name COLLATE "C", lead_id
        ),
        payroll_number, full_name, component, lead, earned_on, amount, currency, cause_id, employee_id, cause, lead_id
    FROM named
    """
)

_TOTALS = text(
    """
    SELECT entry.currency, sum(entry.amount_minor) AS amount_minor
    FROM bonus_payout_batch_entries AS held JOIN bonus_entries AS entry USING (entry_id)
    WHERE held.batch_id = :batch_id
        AND EXISTS (SELECT FROM bonus_payout_rows AS line WHERE line.batch_id = :batch_id
            AND line.currency = entry.currency)
    GROUP BY entry.currency
    ORDER BY entry.currency
    """
)


async def take_entries(session: AsyncSession, *, batch_id: str, period: str, journal_no: int) -> None:
    """Put everything payable into the batch: all waiting entries but those of whoever's net would be negative.

    Raises PayrollNumberUnknown naming in `employee_ids` who is not on the roster.
    """
    await session.execute(_TAKE, {"batch_id": batch_id, "period": period, "journal_no": journal_no})
    unknown = list(await session.scalars(_UNKNOWN, {"batch_id": batch_id}))
    if unknown:
        raise PayrollNumberUnknown(employee_ids=[str(employee_id) for employee_id in unknown])


async def left_out(session: AsyncSession, *, period: str, journal_no: int) -> list[dict[str, Any]]:
    """Who still waits after the batch took what it could, and with what net: `[{employee_id, net: [money]}]`."""
    nets: dict[UUID, list[dict[str, str]]] = {}
    for row in await session.execute(_LEFT_OUT, {"period": period, "journal_no": journal_no}):
        money = Money(int(row.amount_minor), row.currency)
        nets.setdefault(row.employee_id, []).append(money.to_wire().model_dump())
    return [{"employee_id": str(employee_id), "net": net} for employee_id, net in nets.items()]


async def write_rows(session: AsyncSession, *, batch_id: str) -> None:
    """The batch's rows in file order: the net of each employee, component, cause, lead and currency, unless zero."""
    await session.execute(
        _WRITE_ROWS,
        {
            "batch_id": batch_id,
            "currencies": list(CURRENCY_DIGITS),
            "digits": list(CURRENCY_DIGITS.values()),
        },
    )


async def totals_in(session: AsyncSession, *, batch_id: str) -> list[dict[str, str]]:
    """The sum of every currency that has rows."""
    rows = await session.execute(_TOTALS, {"batch_id": batch_id})
    return [Money(int(row.amount_minor), row.currency).to_wire().model_dump() for row in rows]
