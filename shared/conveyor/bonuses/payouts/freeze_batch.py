"""Action: freeze everything payable up to a closed period into a batch, with its bytes, and say so."""

from collections.abc import Sequence

from sqlalchemy import insert, text

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.facts.queries import names_of_leads
from conveyor.bonuses.ledger.append import head_of, lock_journal
from conveyor.bonuses.payouts import queries
from conveyor.bonuses.payouts.rules import (
    PayoutBatchExists,
    PayrollNumberUnknown,
    PeriodNotClosed,
    Selection,
    parts_of,
    rows_of,
    select_payable,
)
from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutDocument
from conveyor.bonuses.payouts.views import PayoutBatchView, batch_view
from conveyor.bonuses.periods.queries import state_of
from conveyor.contracts.payroll import PayoutBatchFrozen, PayoutBatchPart, PayoutRow
from conveyor.contracts.values import WireMoney
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.payroll_file.csv_form import as_csv
from conveyor.payroll_file.json_form import as_json
from conveyor.payroll_file.rows import in_file_order, sha256_of, totals_of

_HOLD = text(
    """
    INSERT INTO bonus_payout_batch_entries (batch_id, entry_id)
    SELECT :batch_id, entry_id FROM unnest(CAST(:entry_ids AS uuid[])) AS entry_id
    """
)


async def freeze_batch(desk: Desk, *, month: Month, actor: str) -> PayoutBatchView:
    """Make the period's batch, an empty one too.

    Raises PeriodNotClosed, PayoutBatchExists (naming it in `batch_id`), PayrollNumberUnknown.
    """
    period = str(month)
    async with desk.database.transaction() as tx:
        # The journal's lock also decides between two callers.
        await lock_journal(tx)
        if await state_of(tx.session, month) != "closed":
            raise PeriodNotClosed(period=period)
        existing = await queries.live_batch_of(tx.session, period)
        if existing is not None:
            raise PayoutBatchExists(batch_id=existing.batch_id, id=existing.batch_id)
        number = await queries.next_number(tx.session, period)
        batch_id = f"{desk.database.service}-{period}-{number}"
        selection = select_payable(await queries.entries_without_batch(tx.session, up_to=period))
        rows = await _rows(desk, tx, selection, batch_id=batch_id, period=period)
        batch = await _store(tx, selection, rows, batch_id=batch_id, period=period, number=number, actor=actor)
        _announce(desk, tx, batch, rows)
        return await tx.commit(batch_view(batch, role=desk.role))


async def _rows(desk: Desk, tx: Transaction, selection: Selection, *, batch_id: str, period: str) -> list[PayoutRow]:
    people = {entry.employee_id for entry in selection.entries}
    payees = await queries.payees(tx.session, people)
    if people - payees.keys():
        raise PayrollNumberUnknown(employee_ids=sorted(str(employee_id) for employee_id in people - payees.keys()))
    leads = {entry.lead_id for entry in selection.entries if entry.lead_id is not None}
    rows = rows_of(
        selection.entries,
        batch_id=batch_id,
        period=period,
        role=desk.role,
        payees=payees,
        lead_names=await names_of_leads(tx.session, leads),
    )
    return in_file_order(rows)


async def _store(
    tx: Transaction,
    selection: Selection,
    rows: Sequence[PayoutRow],
    *,
    batch_id: str,
    period: str,
    number: int,
    actor: str,
) -> PayoutBatch:
    head = await head_of(tx.session)
    documents = {
        "csv-std": as_csv(rows),
        "csv-ru": as_csv(rows, dialect="ru"),
        "json": as_json(rows, period=period),
    }
    batch = PayoutBatch(
        batch_id=batch_id,
        technical_id=new_id(),
        period=period,
        number=number,
        state="frozen",
        lines=len(rows),
        totals=[total.model_dump() for total in totals_of(rows)],
        carried_forward=[
            {"employee_id": str(employee_id), "net": [net.to_wire().model_dump() for net in nets]}
            for employee_id, nets in selection.carried_forward.items()
        ],
        sha256=sha256_of(documents["csv-std"]),
        journal_no=head.journal_no,
        chain_head=head.hash,
        frozen_at=tx.now,
        frozen_by=actor,
    )
    tx.session.add(batch)
    await tx.session.flush()
    entry_ids = [entry.entry_id for entry in selection.entries]
    await tx.session.execute(_HOLD, {"batch_id": batch_id, "entry_ids": entry_ids})
    await tx.session.execute(
        insert(PayoutDocument),
        [
            {"batch_id": batch_id, "form": form, "sha256": sha256_of(content), "content": content}
            for form, content in documents.items()
        ],
    )
    return batch


def _announce(desk: Desk, tx: Transaction, batch: PayoutBatch, rows: Sequence[PayoutRow]) -> None:
    parts = parts_of(rows)
    tx.say(
        PayoutBatchFrozen(
            batch_id=batch.batch_id,
            id=batch.technical_id,
            period=batch.period,
            number=batch.number,
            role=desk.role,
            lines=batch.lines,
            totals=tuple(WireMoney.model_validate(total) for total in batch.totals),
            sha256=batch.sha256,
            parts=len(parts),
            journal_no=batch.journal_no,
            chain_head=batch.chain_head,
        )
    )
    for number, part in enumerate(parts, start=1):
        tx.say(PayoutBatchPart(batch_id=batch.batch_id, part=number, rows=part))
