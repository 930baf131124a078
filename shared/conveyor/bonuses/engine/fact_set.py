"""A heap of facts of a whole department, sorted into leads and people's months."""

from collections.abc import Iterable, Iterator
from typing import TypeVar
from uuid import UUID

from conveyor.bonuses.engine.facts import (
    AcceptanceFact,
    CallFact,
    CallTally,
    ContractFact,
    DealFact,
    LeadFacts,
    MeetingHeldFact,
    OwnerChangeFact,
    PaymentFact,
    PersonMonthFacts,
    RefundFact,
    WithdrawalFact,
    WorkFact,
    unique,
)
from conveyor.kit.calendar import BusinessCalendar, Month

AnyFact = (
    PaymentFact
    | RefundFact
    | WorkFact
    | WithdrawalFact
    | AcceptanceFact
    | OwnerChangeFact
    | DealFact
    | ContractFact
    | CallFact
    | MeetingHeldFact
)
_LeadFact = (
    PaymentFact | RefundFact | WorkFact | AcceptanceFact | OwnerChangeFact | DealFact | ContractFact | MeetingHeldFact
)
F = TypeVar("F")


class FactSet:
    """Facts in any order, repetitions allowed. A withdrawal belongs to the lead whose meeting or handoff it names."""

    def __init__(self, facts: Iterable[AnyFact]) -> None:
        self._of_lead: dict[UUID, list[_LeadFact]] = {}
        self._withdrawals: list[WithdrawalFact] = []
        self._calls: list[CallFact] = []
        for fact in unique(facts):
            if isinstance(fact, CallFact):
                self._calls.append(fact)
            elif isinstance(fact, WithdrawalFact):
                self._withdrawals.append(fact)
            else:
                self._of_lead.setdefault(fact.lead_id, []).append(fact)

    def leads(self) -> Iterator[LeadFacts]:
        """Every lead with all its facts, by id."""
        withdrawals = self._withdrawals_by_lead()
        for lead_id in sorted(self._of_lead, key=str):
            facts = self._of_lead[lead_id]
            yield LeadFacts(
                lead_id=lead_id,
                payments=_only(PaymentFact, facts),
                refunds=_only(RefundFact, facts),
                work=_only(WorkFact, facts),
                withdrawals=tuple(withdrawals.get(lead_id, ())),
                acceptances=_only(AcceptanceFact, facts),
                owner_changes=_only(OwnerChangeFact, facts),
                deals=_only(DealFact, facts),
                contracts=_only(ContractFact, facts),
                meetings_held=_only(MeetingHeldFact, facts),
            )

    def person_months(self, calendar: BusinessCalendar) -> Iterator[PersonMonthFacts]:
        """Every month in which an employee did work, with his calls of it."""
        calls = self.calls(calendar)
        work: dict[tuple[UUID, Month], list[WorkFact]] = {}
        for fact in (item for facts in self._of_lead.values() for item in facts if isinstance(item, WorkFact)):
            work.setdefault((fact.employee_id, calendar.month_of(fact.occurred_at)), []).append(fact)
        withdrawals = self._withdrawals_by_lead()
        for employee_id, month in sorted(work, key=lambda key: (str(key[0]), key[1])):
            done = work[employee_id, month]
            of_leads = {fact.lead_id for fact in done}
            yield PersonMonthFacts(
                employee_id=employee_id,
                month=month,
                work=tuple(done),
                withdrawals=tuple(item for lead_id in of_leads for item in withdrawals.get(lead_id, ())),
                calls=calls.get((employee_id, month), CallTally()),
            )

    def calls(self, calendar: BusinessCalendar) -> dict[tuple[UUID, Month], CallTally]:
        """The calls of each employee and month."""
        found: dict[tuple[UUID, Month], list[CallFact]] = {}
        for call in self._calls:
            found.setdefault((call.employee_id, calendar.month_of(call.started_at)), []).append(call)
        return {key: CallTally.of(calls) for key, calls in found.items()}

    def _withdrawals_by_lead(self) -> dict[UUID, list[WithdrawalFact]]:
        lead_of: dict[UUID, UUID] = {}
        for lead_id, facts in self._of_lead.items():
            for work in facts:
                if isinstance(work, WorkFact):
                    lead_of.update(
                        {thing: lead_id for thing in (work.meeting_id, work.handoff_id) if thing is not None}
                    )
        found: dict[UUID, list[WithdrawalFact]] = {}
        for fact in self._withdrawals:
            lead = next((lead_of[thing] for thing in (fact.meeting_id, fact.handoff_id) if thing in lead_of), None)
            if lead is not None:
                found.setdefault(lead, []).append(fact)
        return found


def _only(kind: type[F], facts: list[_LeadFact]) -> tuple[F, ...]:
    return tuple(fact for fact in facts if isinstance(fact, kind))
