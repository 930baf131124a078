"""Appending to the journal: numbers, hashes and rows of one transaction, taken under the journal's lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.ledger.chain import GENESIS, canonical_json, hash_of
from conveyor.bonuses.ledger.rules import Accrual, Posting, Reversal, period_for
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction, lock, lock_key
from conveyor.kit.direct import Direct
from conveyor.kit.ids import new_id

# One parameter instead of one per cell: the statement is the same for one row and for ten thousand.
_INSERT = Direct(
    """
    INSERT INTO bonus_entries (
        journal_no, entry_id, chain_id, employee_id, role, component, plan_code, plan_version, cause, cause_id, lead_id,
        earned_on, period, kind, reverses, revision, amount_minor, currency, explanation, recorded_at, prev_hash, hash)
    SELECT
        journal_no, entry_id, chain_id, employee_id, role, component, plan_code, plan_version, cause, cause_id, lead_id,
        earned_on, period, kind, reverses, revision, amount_minor, currency, explanation, recorded_at, prev_hash, hash
    FROM jsonb_populate_recordset(NULL::bonus_entries, CAST(:rows AS jsonb))
    ORDER BY journal_no
    """
)


_HEAD = Direct("SELECT journal_no, hash FROM bonus_entries ORDER BY journal_no DESC LIMIT 1")
_TRY = Direct("SELECT pg_try_advisory_xact_lock(:key) AS is_mine")
# The settings are read before they are set: the subquery is evaluated first.
_TIMEOUTS = text(
    """
    WITH before AS MATERIALIZED (
        SELECT current_setting('lock_timeout') AS lock_was, current_setting('statement_timeout') AS statement_was)
    SELECT lock_was, statement_was,
        set_config('lock_timeout', :lock, true), set_config('statement_timeout', :statement, true)
    FROM before
    """
)


@dataclass(frozen=True, slots=True)
class Head:
    """The journal's last number and hash; number 0 while it is empty."""

    journal_no: int
    hash: str


async def lock_journal(tx: Transaction, *, seconds_max: int | None = None) -> None:
    """Take the journal for this transaction: nobody else evaluates, posts, closes or freezes until it ends.

    What the evaluation reads must be read after this, so that it sees everything committed before. `seconds_max` is
    for who would rather wait than come again, as the consumer while a large month is closed.
    """
    if seconds_max is None:
        await lock(tx, "bonus-journal")
        return
    if (await _TRY.first(tx.session, key=lock_key("bonus-journal"))).is_mine:
        return
    timeouts = await _wait_at_most(tx.session, lock=f"{seconds_max}s", statement=f"{seconds_max + 1}s")
    await lock(tx, "bonus-journal")
    await _wait_at_most(tx.session, **timeouts)


async def _wait_at_most(session: AsyncSession, *, lock: str, statement: str) -> dict[str, str]:
    """Set the timeouts of this transaction; gives what they were."""
    found = (await session.execute(_TIMEOUTS, {"lock": lock, "statement": statement})).one()
    return {"lock": found.lock_was, "statement": found.statement_was}


async def head_of(session: AsyncSession) -> Head:
    """The journal's head as this statement sees it; under the lock it is the head."""
    found = await _HEAD.first(session)
    return Head(found.journal_no, found.hash) if found else Head(0, GENESIS)


async def append(tx: Transaction, postings: Sequence[Posting], *, role: str, closed_through: Month | None) -> int:
    """Post under the journal's lock, which the caller holds. Returns how many entries were written."""
    if not postings:
        return 0
    head = await head_of(tx.session)
    rows: list[dict[str, Any]] = []
    for posting in postings:
        row = _reversal_row(posting) if isinstance(posting, Reversal) else _accrual_row(posting)
        row |= {
            "journal_no": head.journal_no + 1,
            "entry_id": new_id(),
            "chain_id": f"bonuses/{role}",
            "role": role,
            "period": str(period_for(row["earned_on"], closed_through=closed_through)),
            "revision": posting.revision,
            "recorded_at": tx.now,
            "prev_hash": head.hash,
        }
        row["hash"] = hash_of(row)
        head = Head(row["journal_no"], row["hash"])
        rows.append(row)
    await _INSERT.rows(tx.session, rows=canonical_json(rows).decode())
    return len(rows)


def _accrual_row(posting: Accrual) -> dict[str, Any]:
    line = posting.line
    return {
        "employee_id": line.employee_id,
        "component": line.component,
        "plan_code": line.plan_code,
        "plan_version": line.plan_version,
        "cause": line.cause,
        "cause_id": line.cause_id,
        "lead_id": line.lead_id,
        "earned_on": line.earned_on,
        "kind": posting.kind,
        "reverses": None,
        "amount_minor": line.amount.amount_minor,
        "currency": line.amount.currency,
        # The hash is taken over what the database will give back: plain JSON values.
        "explanation": orjson.loads(canonical_json(line.explanation.to_json())),
    }


def _reversal_row(posting: Reversal) -> dict[str, Any]:
    entry = posting.entry
    now = posting.replacement
    return {
        "employee_id": entry.employee_id,
        "component": entry.component,
        "plan_code": entry.plan_code,
        "plan_version": entry.plan_version,
        "cause": entry.cause,
        "cause_id": entry.cause_id,
        "lead_id": entry.lead_id,
        "earned_on": entry.earned_on,
        "kind": "reversal",
        "reverses": entry.entry_id,
        "amount_minor": -entry.amount_minor,
        "currency": entry.currency,
        "explanation": {
            "text": f"entry {entry.journal_no} is negated as it was stored: "
            + ("the line does not stand any more" if now is None else f"the line is now {now.amount.text}"),
            "reverses": {"entry_id": str(entry.entry_id), "journal_no": entry.journal_no},
            "now": None if now is None else {"amount": now.amount.text, "currency": now.amount.currency},
        },
    }
