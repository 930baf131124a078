"""Action: approve a version and put it in force; what it changes in open months is posted in the same transaction."""

from collections.abc import Collection
from functools import partial

from sqlalchemy import insert, select

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.facts import queries as facts_queries
from conveyor.bonuses.facts.gathered import gathered_in
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.ledger.post_differences import post_differences
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.drafts import draft_of, lint_view, replays_of, version_of
from conveyor.bonuses.plans.publication_rules import (
    AuthorMayNotApprove,
    EffectiveInClosedMonth,
    OwnPlan,
    PlanNotSound,
    VersionAlreadyPublished,
    VersionNotReplayed,
    WarningsNotAcknowledged,
)
from conveyor.bonuses.plans.tables import PlanDraft, PlanPublication, PlanVersion
from conveyor.bonuses.plans.terms import terms_for
from conveyor.bonuses.plans.version_views import VersionView
from conveyor.kit.database import Transaction
from conveyor.kit.http.principals import Principal
from conveyor.roster.queries import current_calendar


async def publish_version(
    desk: Desk, *, code: str, version: int, acknowledged: Collection[str], approver: Principal
) -> VersionView:
    """Publish a draft; of two callers at once one wins.

    Raises NotFound, VersionAlreadyPublished, AuthorMayNotApprove, OwnPlan, PlanNotSound, WarningsNotAcknowledged,
    VersionNotReplayed, EffectiveInClosedMonth.
    """
    async with desk.database.transaction() as tx:
        await lock_journal(tx)
        draft = await draft_of(tx.session, role=desk.role, code=code, version=version)
        known = select(PlanPublication.version).where(PlanPublication.code == code, PlanPublication.version == version)
        if await tx.session.scalar(known) is not None:
            raise VersionAlreadyPublished
        await _check_approver(desk, tx, draft, approver)
        _check_lint(draft, acknowledged)
        replays = await replays_of(tx.session, code=code, version=version)
        done = [replay for replay in replays if replay.state == "done"]
        if not done:
            raise VersionNotReplayed(states=[replay.state for replay in replays])
        closed = await closed_through(tx.session)
        if closed is not None and draft.effective_from <= closed.last_day:
            raise EffectiveInClosedMonth(closed_through=str(closed))
        await tx.session.execute(
            insert(PlanPublication).values(
                code=code,
                version=version,
                approved_by=approver.subject,
                replay_id=done[-1].replay_id,
                acknowledged=sorted(set(acknowledged)),
                recorded_at=tx.now,
            )
        )
        await tx.session.execute(
            insert(PlanVersion).values(
                code=code,
                version=version,
                role=draft.role,
                effective_from=draft.effective_from,
                document=draft.document,
            )
        )
        await _gather_what_it_changes(tx, draft)
        tx.once_before_commit("bonuses", partial(post_differences, role=desk.role))
        return await tx.commit(await version_of(tx.session, role=desk.role, code=code, version=version))


async def _check_approver(desk: Desk, tx: Transaction, draft: PlanDraft, approver: Principal) -> None:
    if approver.subject == draft.author:
        raise AuthorMayNotApprove
    if approver.employee_id is not None:
        terms = await terms_for(tx.session, role=desk.role, employee_ids={approver.employee_id})
        if terms.book.plan_code_for(approver.employee_id, draft.effective_from) == draft.code:
            raise OwnPlan


def _check_lint(draft: PlanDraft, acknowledged: Collection[str]) -> None:
    said = lint_view(PlanDocument.model_validate(draft.document))
    if not said.ok:
        raise PlanNotSound(findings=[item.model_dump() for item in said.findings if item.level == "error"])
    missing = sorted({item.code for item in said.findings} - set(acknowledged))
    if missing:
        raise WarningsNotAcknowledged(warnings=missing)


async def _gather_what_it_changes(tx: Transaction, draft: PlanDraft) -> None:
    """Leads with facts since the version begins: nothing earlier is priced by it."""
    calendar = (await current_calendar(tx.session)).calendar
    gathered = gathered_in(tx)
    gathered.leads |= await facts_queries.leads_since(tx.session, calendar.start_of(draft.effective_from))
