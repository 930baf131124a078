"""Who is there to take something over: roster, absences and loads, read once and handed to the pure rule."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.handoffs.rules import Candidate, choose
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.calendar import BusinessCalendar
from conveyor.roster.queries import absent_on, chain_mates, current_calendar, employees_of_role
from conveyor.roster.rules import works_on
from conveyor.roster.tables import Employee


class Routing:
    """The people of one stage on one day. Each choice adds to the chosen one's load, so a series spreads out."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        people: Sequence[Employee],
        absent: Collection[UUID],
        loads: Counter[UUID],
        waiting: Counter[UUID],
        calendar: BusinessCalendar,
        today: date,
    ) -> None:
        self._session = session
        self._people = people
        self._absent = absent
        self._loads = loads
        self._waiting = waiting
        self._mates: dict[UUID, set[UUID]] = {}
        self.calendar = calendar
        self.today = today

    def works(self, employee_id: UUID) -> bool:
        """Whether he has the stage's role, is employed and not away today."""
        return any(person.employee_id == employee_id for person in self._present)

    @property
    def _present(self) -> list[Employee]:
        return [person for person in self._people if person.employee_id not in self._absent]

    async def is_well_placed(self, employee_id: UUID, *, near: UUID) -> bool:
        """Whether a handoff may stay with him: he works today, and is of the chain of `near` if it has room."""
        if not self.works(employee_id):
            return False
        mates = await self._mates_of(near)
        return employee_id in mates or not any(
            person.employee_id in mates and self._candidate(person, mates=mates).has_room for person in self._present
        )

    async def choose(self, *, near: UUID, other_than: UUID | None = None) -> UUID | None:
        """Who should answer a handoff: of the chain of `near`, else the least loaded; works today and has room."""
        mates = await self._mates_of(near)
        chosen = choose(
            self._candidate(person, mates=mates) for person in self._present if person.employee_id != other_than
        )
        if chosen is not None:
            self._waiting[chosen] += 1
            self._loads[chosen] += 1
        return chosen

    async def choose_owner(self, *, near: UUID, also_on: date) -> UUID | None:
        """Who should own what is vacant since `also_on`: the same rule, whatever waits for him unanswered.

        When everybody is away, somebody who is: what clients pay meanwhile must belong to somebody.
        """
        mates = await self._mates_of(near)
        employed = [person for person in self._people if works_on(person, also_on)]
        present = [person for person in employed if person.employee_id not in self._absent]
        chosen = choose(
            Candidate(person.employee_id, person.employee_id in mates, self._loads[person.employee_id])
            for person in present or employed
        )
        if chosen is not None:
            self._loads[chosen] += 1
        return chosen

    def _candidate(self, person: Employee, *, mates: Collection[UUID]) -> Candidate:
        employee_id = person.employee_id
        return Candidate(
            employee_id=employee_id,
            is_chain_mate=employee_id in mates,
            load=self._loads[employee_id],
            open_handoffs=self._waiting[employee_id],
            open_handoffs_max=person.open_handoffs_max,
        )

    async def _mates_of(self, near: UUID) -> set[UUID]:
        if near not in self._mates:
            self._mates[near] = await chain_mates(self._session, near, self.today)
        return self._mates[near]


async def routing_of(session: AsyncSession, *, stage: ReceivingStage, now: datetime) -> Routing:
    """The stage's people of the day of `now`, with their open handoffs and open deals or clients."""
    calendar = (await current_calendar(session)).calendar
    today = calendar.day_of(now)
    found = await session.execute(
        select(ReceivedHandoff.routed_to, func.count())
        .where(ReceivedHandoff.state == "offered", ReceivedHandoff.routed_to.is_not(None))
        .group_by(ReceivedHandoff.routed_to)
    )
    waiting: Counter[UUID] = Counter({employee_id: count for employee_id, count in found if employee_id})
    loads = waiting + Counter(await stage.open_objects(session, now))
    people = await employees_of_role(session, stage.role, today)
    absent = await absent_on(session, today)
    return Routing(session, people=people, absent=absent, loads=loads, waiting=waiting, calendar=calendar, today=today)
