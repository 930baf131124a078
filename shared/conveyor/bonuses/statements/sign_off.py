"""Action: an employee agrees to his statement, a draft in review or a closed one, as it hashes now."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.periods.queries import state_of
from conveyor.bonuses.statements.drafts import draft_of
from conveyor.bonuses.statements.queries import frozen_statement
from conveyor.bonuses.statements.rules import PeriodNotInReview, StatementChanged, lines_hash, statement_hash
from conveyor.bonuses.statements.tables import SignOff
from conveyor.bonuses.statements.views import SignOffView, sign_off_view
from conveyor.contracts.bonuses import BonusStatementSignedOff
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound


async def sign_off(desk: Desk, *, employee_id: UUID, month: Month, seen_hash: str | None, actor: str) -> SignOffView:
    """Record that the employee agrees; the same statement is signed once, however often he says so.

    `seen_hash` is the hash of the statement that he read. Raises PeriodNotInReview, StatementChanged (with the `hash`
    as it is now), NotFound for who has no statement of the month.
    """
    async with desk.database.transaction() as tx:
        # What is signed must not change between reading and signing it.
        await lock_journal(tx)
        draft = await state_of(tx.session, month) == "in_review"
        document = await _document(desk, tx, month, employee_id, draft=draft)
        hashed = statement_hash(document)
        if seen_hash not in {None, hashed}:
            raise StatementChanged(hash=hashed)
        fact = BonusStatementSignedOff(
            period=str(month),
            role=desk.role,
            employee_id=employee_id,
            state="draft" if draft else "closed",
            hash=hashed,
        )
        values = fact.model_dump(exclude={"role"}) | {
            "sign_off_id": new_id(),
            "lines_hash": lines_hash(document),
            "signed_at": tx.now,
            "signed_by": actor,
        }
        made = await tx.session.execute(
            insert(SignOff)
            .values(values)
            .on_conflict_do_nothing(constraint="uq_bonus_sign_offs_statement")
            .returning(1)
        )
        if made.first() is not None:
            tx.say(fact)
        same = (SignOff.period == str(month), SignOff.employee_id == employee_id, SignOff.hash == hashed)
        signed = (await tx.session.scalars(select(SignOff).where(*same))).one()
        return await tx.commit(sign_off_view(signed))


async def _document(desk: Desk, tx: Transaction, month: Month, employee_id: UUID, *, draft: bool) -> dict[str, Any]:
    if draft:
        return await draft_of(tx.session, role=desk.role, month=month, employee_id=employee_id)
    if await state_of(tx.session, month) == "open":
        raise PeriodNotInReview(period=str(month))
    frozen = await frozen_statement(tx.session, period=str(month), employee_id=employee_id)
    if frozen is None:
        raise NotFound
    return frozen.document
