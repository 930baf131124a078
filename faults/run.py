"""One run: the undisturbed quarter, the same quarter in trouble, and what the two must have in common."""

import asyncio
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from conveyor_local.department import CallRefused, NotAtRest
from conveyor_local.golden_quarter import Story
from conveyor_local.home import Ports
from conveyor_local.places import CHECKOUT
from conveyor_local.processes import UnableToStart
from conveyor_local.random_quarter import random_quarter
from conveyor_local.storyteller import NeverOffered
from faults import checks
from faults.campaign import Campaign
from faults.in_turn import one_of_everything
from faults.linked_stack import LinkedStack
from faults.patient import NotAnswered, PatientDepartment
from faults.poison import Poison
from faults.quarter import Outcome, Play
from faults.stream_checks import stream_is_the_logs
from faults.upgrade import rolling_upgrade

LEADS_PER_MINUTE = 40
LEADS_MIN, LEADS_MAX = 16, 240
LOGS = CHECKOUT / ".conveyor" / "faults"
# What a system that breaks its word does to who plays the quarter on it; every other error is the driver's own.
STUCK = (NotAtRest, NotAnswered, NeverOffered, UnableToStart, CallRefused, AssertionError)


@dataclass(slots=True)
class Report:
    """What a run did and found. No findings: every guarantee held."""

    seed: int
    form: str
    seconds: float = 0.0
    deliveries: int = 0
    requests: int = 0
    poison: int = 0
    repeated: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """`minutes` of trouble for one story; `cluster` has three brokers and two replicas of each service.

    `prepared` is the home of a system that was migrated, provisioned and stopped, to begin with a copy of it.
    """

    seed: int
    minutes: float
    cluster: bool = False
    prepared: Path | None = None
    say: Callable[[str], None] = print

    @property
    def story(self) -> Story:
        """The quarter of this seed."""
        leads = min(LEADS_MAX, max(LEADS_MIN, round(self.minutes * LEADS_PER_MINUTE)))
        return random_quarter(self.seed, leads=leads)

    async def go(self) -> Report:
        """Play both quarters on systems of their own."""
        report = Report(self.seed, "three brokers, two replicas" if self.cluster else "one machine")
        with own_folder() as folder:
            try:
                undisturbed = await self._undisturbed(folder)
            except (ExceptionGroup, *STUCK) as stuck:
                report.findings += [f"undisturbed already: {each}" for each in told_of(stuck)]
                return report
            self.say(f"the undisturbed quarter is played: {len(undisturbed.sums)} lines of the ledgers")
            stack = self._disturbed_stack(folder / "disturbed")
            async with running(stack):
                began = time.monotonic()
                await self._disturbed(stack, undisturbed, report)
                report.seconds = time.monotonic() - began
            if report.findings:
                self.say(f"the logs are kept in {kept_logs(stack.home, LOGS / str(self.seed))}")
        return report

    async def _undisturbed(self, folder: Path) -> Outcome:
        stack = self._stack(folder / "undisturbed")
        async with running(stack), PatientDepartment(base_urls=stack.base_urls, token=stack.token) as department:
            return await Play(stack, department, self.story, self.say).undisturbed()

    def _disturbed_stack(self, home: Path) -> LinkedStack:
        if self.cluster:
            return LinkedStack(home, ports=Ports.free(), durable=False, replicas=2, nodes=3)
        return self._stack(home)

    def _stack(self, home: Path) -> LinkedStack:
        if self.prepared is not None:
            return LinkedStack.copied(self.prepared, home)
        return LinkedStack(home, ports=Ports.free(), durable=False)

    async def _planned(self, stack: LinkedStack, campaign: Campaign) -> None:
        """What happens in every run, whatever chance does beside it."""
        await campaign.poison.spill_each(random.Random(f"poison {self.seed}"))  # noqa: S311 - whose name is misused
        campaign.note("each kind of poison")
        if self.cluster:
            await one_of_everything(stack, campaign, seed=self.seed)
        await rolling_upgrade(stack, campaign)

    async def _disturbed(self, stack: LinkedStack, undisturbed: Outcome, report: Report) -> None:
        poison = Poison(stack)
        campaign = Campaign(stack, self.seed, poison, say=self.say)
        async with PatientDepartment(base_urls=stack.base_urls, token=stack.token) as department:
            play = Play(stack, department, self.story, self.say)
            try:
                outcome = await play.disturbed(
                    seed=self.seed,
                    seconds=self.minutes * 60,
                    troubles=campaign.running,
                    meanwhile=lambda: self._planned(stack, campaign),
                )
                report.findings += await _findings(undisturbed, outcome, stack, department, poison)
                campaign.require_nobody_ended()
            except (ExceptionGroup, *STUCK) as stuck:
                report.findings += told_of(stuck)
            finally:
                report.deliveries, report.requests = len(department.accepted), department.attempts
                report.happened = campaign.happened
                report.poison, report.repeated = len(poison.spilled), poison.repeated


async def _findings(
    undisturbed: Outcome, outcome: Outcome, stack: LinkedStack, department: PatientDepartment, poison: Poison
) -> list[str]:
    return [
        *checks.files_and_ledgers(undisturbed, outcome),
        *checks.as_much_was_said(undisturbed, outcome),
        *await checks.deliveries_took_effect_once(stack, department),
        *await checks.facts_were_handled(stack),
        *await stream_is_the_logs(stack, poison),
        *await checks.only_poison_was_set_aside(stack, poison),
        *await checks.chains_verify(department),
        *checks.answers_were_excused(department),
    ]


def told_of(stuck: Exception) -> list[str]:
    """The findings in what ended a play, which tasks beside each other put into groups. Raises what is none."""
    if isinstance(stuck, ExceptionGroup):
        return [told for each in stuck.exceptions for told in told_of(each)]
    if not isinstance(stuck, STUCK):
        raise stuck
    return [f"{type(stuck).__name__}: {stuck}"]


def kept_logs(home: Path, place: Path) -> Path:
    """Copy what the processes of a home wrote; what an older run left there is gone."""
    shutil.rmtree(place, ignore_errors=True)
    for log in home.rglob("*.log"):
        copy = place / log.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, copy)
    return place


@asynccontextmanager
async def running(stack: LinkedStack) -> AsyncIterator[None]:
    """The system's services run inside; afterwards nothing does, and its data is gone."""
    try:
        await stack.start_services()
        yield
    finally:
        await asyncio.to_thread(stack.stop)
        await stack.close_links()
        await asyncio.to_thread(stack.forget)


@contextmanager
def own_folder() -> Iterator[Path]:
    """A directory that also the unprivileged account of the servers can enter; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="conveyor-faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
