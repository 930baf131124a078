"""What is asked of people in a period: quotas, calls for gates, and who works in a chain with whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.bonuses.engine.facts import CallTally
from conveyor.kit.calendar import Month, Quarter
from conveyor.kit.money import Money

Period = Month | Quarter


@dataclass(frozen=True, slots=True)
class QuotaFact:
    """What an employee was asked for in a month or quarter: a sum or a count. The highest revision stands."""

    employee_id: UUID
    period: str
    revision: int
    amount: Money | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ChainFact:
    """People who work together from a day on; whoever joins a newer chain has left the earlier one."""

    chain_id: UUID
    effective_from: date
    members: frozenset[UUID]


class Norms:
    """Quotas, calls and chains as an evaluation of people's periods reads them."""

    def __init__(
        self,
        *,
        quotas: Iterable[QuotaFact] = (),
        calls: Mapping[tuple[UUID, Month], CallTally] | None = None,
        chains: Iterable[ChainFact] = (),
    ) -> None:
        self._quotas: dict[tuple[UUID, str], QuotaFact] = {}
        for quota in sorted(quotas, key=lambda item: item.revision):
            self._quotas[quota.employee_id, quota.period] = quota
        self._calls = calls or {}
        self._chains: defaultdict[UUID, list[ChainFact]] = defaultdict(list)
        for chain in chains:
            for member in chain.members:
                self._chains[member].append(chain)

    def quota(self, employee_id: UUID, period: Period) -> QuotaFact | None:
        """The quota that stands; None when none was set."""
        return self._quotas.get((employee_id, str(period)))

    def calls_at_least(self, employee_id: UUID, period: Period, *, seconds: int) -> int:
        """His calls of the period of at least this many seconds."""
        tallies = (self._calls.get((employee_id, month), CallTally()) for month in months_of(period))
        return sum(tally.at_least(seconds) for tally in tallies)

    def chain_of(self, employee_id: UUID, day: date) -> frozenset[UUID]:
        """Everybody of the employee's chain on a day, himself included; nobody when he is in none.

        Whoever joined a newer chain by then has left: he has his share there.
        """
        latest = self._last_joined(employee_id, day)
        mine = (chain for chain in self._chains.get(employee_id, ()) if chain.effective_from == latest)
        together = {member for chain in mine for member in chain.members}
        return frozenset(member for member in together if self._last_joined(member, day) == latest)

    def _last_joined(self, employee_id: UUID, day: date) -> date | None:
        joined = (chain.effective_from for chain in self._chains.get(employee_id, ()))
        return max((since for since in joined if since <= day), default=None)


def months_of(period: Period) -> tuple[Month, ...]:
    """The months that a period is made of."""
    if isinstance(period, Month):
        return (period,)
    return tuple(period.first_month.plus(offset) for offset in range(3))


def last_month_of(period: Period) -> Month:
    """The period's last month."""
    return months_of(period)[-1]
