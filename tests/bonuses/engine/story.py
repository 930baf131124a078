"""Words in which the engine's tests tell what happened. Times are Moscow's unless another calendar is given."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from conveyor.bonuses.engine.evaluate import FactSet, PlanAssignment, PlanBook, Roster, evaluate
from conveyor.bonuses.engine.fact_set import AnyFact
from conveyor.bonuses.engine.facts import (
    AcceptanceFact,
    CallFact,
    ContractFact,
    DealFact,
    EmployeeFact,
    MeetingHeldFact,
    OwnerChangeFact,
    PaymentFact,
    RefundFact,
    WithdrawalFact,
    WithdrawalKind,
    WorkFact,
    WorkKind,
)
from conveyor.bonuses.engine.lines import BonusRole, Evaluation, Line
from conveyor.bonuses.engine.norms import ChainFact, QuotaFact
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.standard import STANDARD_PLANS
from conveyor.contracts.values import Stage
from conveyor.kit.calendar import BusinessCalendar, Month
from conveyor.kit.money import Money

MOSCOW = BusinessCalendar(ZoneInfo("Europe/Moscow"))
BERLIN = BusinessCalendar(ZoneInfo("Europe/Berlin"))
SOURCE = "bank"
ROLES: tuple[BonusRole, ...] = get_args(BonusRole)


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def rub(amount: str) -> Money:
    return Money.of(amount, "RUB")


def employee(
    name: str,
    role: str,
    number: str,
    *,
    hired_on: date = date(2025, 1, 1),
    left_on: date | None = None,
    successor: str | None = None,
) -> EmployeeFact:
    return EmployeeFact(
        employee_id=named(name),
        role=role,
        payroll_number=number,
        hired_on=hired_on,
        left_on=left_on,
        successor_id=named(successor) if successor else None,
    )


ANNA = employee("Anna", "sdr", "0101")
BORIS = employee("Boris", "ae", "0201")
VERA = employee("Vera", "am", "0301")


def revised(document: PlanDocument, **changes: object) -> PlanDocument:
    """Another document, checked anew."""
    return PlanDocument.model_validate({**document.model_dump(mode="json"), **changes})


def plan(role: BonusRole, *components: dict[str, Any], **terms: object) -> PlanDocument:
    """A plan of these components; under the standard code everybody of the role is on it."""
    document = {"code": f"{role}-standard", "role": role, "version": 1, "effective_from": "2025-01-01"}
    return PlanDocument.model_validate({**document, "components": list(components), **terms})


def money(amount: str, currency: str = "RUB") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


class Story:
    """Facts of a department as they are told. `at` reads a local time, or UTC when the text ends with Z."""

    def __init__(self, calendar: BusinessCalendar = MOSCOW) -> None:
        self.calendar = calendar
        self.facts: list[AnyFact] = []
        self._told = 0

    def at(self, text: str) -> datetime:
        if text.endswith("Z"):
            return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
        return datetime.fromisoformat(text).replace(tzinfo=self.calendar.zone).astimezone(UTC)

    @staticmethod
    def lead_id(lead: str) -> UUID:
        return named(lead)

    def _id(self, what: str) -> UUID:
        self._told += 1
        return named(f"{what} {self._told}")

    def work(self, kind: WorkKind, who: str, lead: str, when: str, *, meeting: str | None = None) -> WorkFact:
        about = named(f"meeting {meeting}") if meeting else None
        handoff = named(f"handoff {meeting}") if meeting else None
        fact = WorkFact(self._id(kind), kind, named(who), named(lead), self.at(when), about, handoff)
        self.facts.append(fact)
        return fact

    def booked(self, who: str, lead: str, when: str, meeting: str) -> WorkFact:
        return self.work("meeting_booked", who, lead, when, meeting=meeting)

    def held(self, lead: str, meeting: str, when: str) -> None:
        self.facts.append(MeetingHeldFact(self._id("held"), named(f"meeting {meeting}"), named(lead), self.at(when)))

    def withdrawn(self, kind: WithdrawalKind, meeting: str, when: str, reason: str | None = None) -> None:
        about = None if kind == "handoff_returned" else named(f"meeting {meeting}")
        handoff = None if kind == "meeting_missed" else named(f"handoff {meeting}")
        self.facts.append(WithdrawalFact(self._id(kind), kind, self.at(when), about, handoff, reason))

    def accepted(
        self,
        who: str,
        lead: str,
        when: str,
        handoff: str,
        *,
        deal: str | None = None,
        from_stage: Stage | None = None,
        to_stage: Stage | None = None,
    ) -> None:
        to_stage = to_stage or ("closing" if deal else "account")
        came_from: Stage = from_stage or ("telemarketing" if deal else "closing")
        stages = (came_from, to_stage)
        deal_id = named(f"deal {deal}") if deal else None
        fact = AcceptanceFact(
            self._id("accepted"), named(f"handoff {handoff}"), *stages, named(who), named(lead), self.at(when), deal_id
        )
        self.facts.append(fact)

    def deal(self, lead: str, deal: str, when: str) -> None:
        self.facts.append(DealFact(self._id("deal"), named(f"deal {deal}"), named(lead), self.at(when)))

    def contract(self, lead: str, deal: str, number: str, when: str, *references: tuple[str, str]) -> None:
        deal_id = named(f"deal {deal}")
        fact = ContractFact(self._id("contract"), deal_id, named(lead), number, self.at(when), references)
        self.facts.append(fact)

    def owner(self, who: str, lead: str, when: str, revision: int, *, deal: str | None = None) -> None:
        deal_id = named(f"deal {deal}") if deal else None
        fact = OwnerChangeFact(self._id("owner"), named(lead), named(who), self.at(when), revision, deal_id)
        self.facts.append(fact)

    def paid(
        self,
        lead: str,
        payment: str,
        when: str,
        amount: str,
        *,
        contract: str = "?",
        currency: str = "RUB",
        vat: str | None = None,
    ) -> PaymentFact:
        fact = PaymentFact(
            fact_id=self._id("paid"),
            source=SOURCE,
            payment_id=payment,
            lead_id=named(lead),
            paid_at=self.at(when),
            amount=Money.of(amount, currency),
            reference=("contract", contract),
            vat=Money.of(vat, currency) if vat else None,
            delivery_id=named(f"delivery of {payment}"),
        )
        self.facts.append(fact)
        return fact

    def refunded(
        self, lead: str, refund: str, payment: str, when: str, amount: str, *, currency: str = "RUB"
    ) -> RefundFact:
        money = Money.of(amount, currency)
        delivery = named(f"delivery of {refund}")
        told = (self._id("refunded"), SOURCE, refund, payment, named(lead), self.at(when), money, delivery)
        fact = RefundFact(*told)
        self.facts.append(fact)
        return fact

    def call(self, who: str, when: str, seconds: int) -> None:
        fact_id = self._id("call")
        self.facts.append(CallFact(fact_id, "phone", str(fact_id), named(who), self.at(when), seconds))


class Department:
    """Who works here on which plans; evaluates a story for one role."""

    def __init__(
        self,
        *employees: EmployeeFact,
        calendar: BusinessCalendar = MOSCOW,
        versions: tuple[PlanDocument, ...] = (),
        assignments: tuple[PlanAssignment, ...] = (),
        plan: PlanDocument | None = None,
        quotas: tuple[QuotaFact, ...] = (),
        chains: tuple[ChainFact, ...] = (),
        currency: str = "RUB",
    ) -> None:
        self.plan = plan
        self.quotas = quotas
        self.chains = chains
        self.currency = currency
        self.calendar = calendar
        self.roster = Roster(employees or (ANNA, BORIS, VERA))
        self.versions = versions
        self.assignments = assignments

    def book(self, role: BonusRole) -> PlanBook:
        standard = self.plan or STANDARD_PLANS[role]
        return PlanBook(
            role=role,
            versions=(standard, *self.versions),
            default_plan=standard.code,
            roster=self.roster,
            assignments=self.assignments,
        )

    def evaluate(self, role: BonusRole, facts: list[AnyFact], *, through: str = "2026-12") -> Evaluation:
        return evaluate(
            book=self.book(role),
            facts=FactSet(facts),
            roster=self.roster,
            calendar=self.calendar,
            currency=self.currency,
            through=Month.parse(through),
            quotas=self.quotas,
            chains=self.chains,
        )


def totals(lines: tuple[Line, ...], name: str) -> dict[str, str]:
    """What one person earned in each month of `earned_on`, in roubles."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.employee_id == named(name) and line.amount.currency == "RUB":
            sums[str(Month.of(line.earned_on))] += line.amount.amount_minor
    return {month: Money(amount, "RUB").text for month, amount in sorted(sums.items())}


def told(lines: tuple[Line, ...]) -> list[tuple[str, str, str, str]]:
    """(component, cause id, day, amount) of each line, sorted."""
    return sorted((line.component, line.cause_id, line.earned_on.isoformat(), line.amount.text) for line in lines)
