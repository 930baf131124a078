"""Action: write a new version of a plan, or of a new plan. It pays nobody until it is published."""

from sqlalchemy import insert

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.documents import PlanDocument, PlanTerms
from conveyor.bonuses.plans.drafts import next_version, version_of
from conveyor.bonuses.plans.publication_rules import PlanOfAnotherRole
from conveyor.bonuses.plans.tables import PlanDraft
from conveyor.bonuses.plans.version_views import VersionView
from conveyor.kit.refusals import Invalid


async def draft_version(desk: Desk, *, code: str, terms: PlanTerms, author: str) -> VersionView:
    """Store the terms as the next version of the plan; the answer carries its lint.

    Raises Invalid when it would begin in a closed month, PlanOfAnotherRole for a code of another role.
    """
    if code.partition("-")[0] in {"sdr", "ae", "am"} and not code.startswith(f"{desk.role}-"):
        raise PlanOfAnotherRole
    async with desk.database.transaction() as tx:
        await lock_journal(tx)
        closed = await closed_through(tx.session)
        if closed is not None and terms.effective_from <= closed.last_day:
            first = closed.plus(1).first_day.isoformat()
            raise Invalid.field("/effective_from", f"lies in a closed month; the earliest open one begins on {first}")
        version = await next_version(tx.session, code)
        document = PlanDocument.model_validate(
            {**terms.model_dump(mode="json"), "code": code, "role": desk.role, "version": version}
        )
        await tx.session.execute(
            insert(PlanDraft).values(
                code=code,
                version=version,
                role=desk.role,
                effective_from=terms.effective_from,
                document=document.model_dump(mode="json"),
                author=author,
                recorded_at=tx.now,
            )
        )
        return await tx.commit(await version_of(tx.session, role=desk.role, code=code, version=version))
