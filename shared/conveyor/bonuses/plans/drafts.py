"""Reads of drafts, publications and replays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.lint import lint
from conveyor.bonuses.plans.replay_sums import result_of
from conveyor.bonuses.plans.tables import PlanDraft, PlanPublication, PlanReplay, PlanVersion
from conveyor.bonuses.plans.version_views import FindingView, LintView, ReplayView, VersionView
from conveyor.contracts.registry import FACT_KINDS
from conveyor.kit.calendar import Month
from conveyor.kit.refusals import NotFound

PUBLISHED_FACTS = frozenset(kind.name for kind in FACT_KINDS)


async def draft_of(session: AsyncSession, *, role: BonusRole, code: str, version: int) -> PlanDraft:
    """One draft. Raises NotFound."""
    draft = await session.get(PlanDraft, (code, version))
    if draft is None or draft.role != role:
        raise NotFound
    return draft


async def versions_of(session: AsyncSession, *, role: BonusRole, code: str) -> list[VersionView]:
    """All versions of a plan, published ones and drafts, oldest first. Raises NotFound for an unknown plan."""
    drafts = {row.version: row for row in await session.scalars(select(PlanDraft).where(PlanDraft.code == code))}
    standing = {row.version: row for row in await session.scalars(select(PlanVersion).where(PlanVersion.code == code))}
    approvals = await session.scalars(select(PlanPublication).where(PlanPublication.code == code))
    published = {row.version: row for row in approvals}
    found = [
        _view(drafts.get(version) or standing[version], published.get(version), standing=version in standing)
        for version in sorted(drafts.keys() | standing.keys())
    ]
    if not found or found[0].document.role != role:
        raise NotFound
    return found


async def version_of(session: AsyncSession, *, role: BonusRole, code: str, version: int) -> VersionView:
    """One version, whatever its state. Raises NotFound."""
    for view in await versions_of(session, role=role, code=code):
        if view.version == version:
            return view
    raise NotFound


async def next_version(session: AsyncSession, code: str) -> int:
    """The number that the next draft of a plan gets."""
    drafted = await session.scalar(select(func.max(PlanDraft.version)).where(PlanDraft.code == code))
    standing = await session.scalar(select(func.max(PlanVersion.version)).where(PlanVersion.code == code))
    return max(drafted or 0, standing or 0) + 1


def lint_view(document: PlanDocument) -> LintView:
    """What the lint says of a document."""
    findings = lint(document, published=PUBLISHED_FACTS)
    views = [FindingView(level=item.level, code=item.code, pointer=item.pointer, text=item.text) for item in findings]
    return LintView(ok=all(item.level != "error" for item in findings), findings=views)


async def replays_of(session: AsyncSession, *, code: str, version: int) -> Sequence[PlanReplay]:
    """The replays of a version, oldest first."""
    statement = select(PlanReplay).where(PlanReplay.code == code, PlanReplay.version == version)
    return (await session.scalars(statement.order_by(PlanReplay.recorded_at, PlanReplay.replay_id))).all()


async def replay_of(session: AsyncSession, *, code: str, version: int, replay_id: UUID) -> ReplayView:
    """One replay. Raises NotFound."""
    replay = await session.get(PlanReplay, replay_id)
    if replay is None or (replay.code, replay.version) != (code, version):
        raise NotFound
    return replay_view(replay)


def replay_view(replay: PlanReplay) -> ReplayView:
    """A replay as it is answered; its result is there when it is done."""
    return ReplayView(
        id=replay.replay_id,
        code=replay.code,
        version=replay.version,
        first_period=replay.first_month,
        last_period=replay.last_month,
        state=replay.state,
        done=replay.done,
        total=replay.total,
        requested_by=replay.requested_by,
        recorded_at=replay.recorded_at,
        finished_at=replay.finished_at,
        result=result_of(replay.sums) if replay.state == "done" else None,
    )


def months_between(first: Month, last: Month) -> list[Month]:
    """All months from the first to the last."""
    found = []
    while first <= last:
        found.append(first)
        first = first.plus(1)
    return found


def _view(row: PlanDraft | PlanVersion, publication: PlanPublication | None, *, standing: bool) -> VersionView:
    document = PlanDocument.model_validate(row.document)
    drafted = row if isinstance(row, PlanDraft) else None
    return VersionView(
        id=f"{row.code}/{row.version}",
        code=row.code,
        version=row.version,
        effective_from=row.effective_from,
        state="published" if standing else "draft",
        author=None if drafted is None else drafted.author,
        recorded_at=None if drafted is None else drafted.recorded_at,
        approved_by=None if publication is None else publication.approved_by,
        published_at=None if publication is None else publication.recorded_at,
        replay_id=None if publication is None else publication.replay_id,
        lint=lint_view(document),
        document=document,
    )
