"""Who is there to take something over: the roster and the loads, read once and handed to the pure rule."""

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
from conveyor.roster.queries import chain_mates, current_calendar, employees_of_role
from conveyor.roster.rules import works_on
from conveyor.roster.tables import Employee


class Routing:
    """The people of one stage on one day. Each choice adds to the chosen one's load, so a series spreads out."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        people: Sequence[Employee],
        loads: Counter[UUID],
        calendar: BusinessCalendar,
        today: date,
    ) -> None:
        self._session = session
        self._people = people
        self._loads = loads
        self._mates: dict[UUID, set[UUID]] = {}
        self.calendar = calendar
        self.today = today

    def works(self, employee_id: UUID) -> bool:
        """Whether he has the stage's role and works today."""
        return any(person.employee_id == employee_id for person in self._people)

    async def colleagues(self, near: UUID) -> set[UUID]:
        """People of the stage in the chain of `near` who work today."""
        if near not in self._mates:
            mates = await chain_mates(self._session, near, self.today)
            self._mates[near] = {person.employee_id for person in self._people} & mates
        return self._mates[near]

    async def choose(self, *, near: UUID, also_on: Collection[date] = ()) -> UUID | None:
        """Somebody in the chain of `near`, else the least loaded, who works today and on the days `also_on`."""
        mates = await self.colleagues(near)
        chosen = choose(
            Candidate(person.employee_id, person.employee_id in mates, self._loads[person.employee_id])
            for person in self._people
            if all(works_on(person, day) for day in also_on)
        )
        if chosen is not None:
            self._loads[chosen] += 1
        return chosen


async def routing_of(session: AsyncSession, *, stage: ReceivingStage, now: datetime) -> Routing:
    """The stage's people who work on the day of `now`, with their open handoffs and open deals or clients."""
    calendar = (await current_calendar(session)).calendar
    today = calendar.day_of(now)
    waiting = await session.execute(
        select(ReceivedHandoff.routed_to, func.count())
        .where(ReceivedHandoff.state == "offered", ReceivedHandoff.routed_to.is_not(None))
        .group_by(ReceivedHandoff.routed_to)
    )
    loads: Counter[UUID] = Counter({employee_id: count for employee_id, count in waiting if employee_id})
    loads.update(await stage.open_objects(session, now))
    people = await employees_of_role(session, stage.role, today)
    return Routing(session, people=people, loads=loads, calendar=calendar, today=today)
