"""The standard plans, version 1 of each: what GOLDEN.md writes as tables. They are there from the first migration."""

from datetime import date

from conveyor.bonuses.plans.documents import (
    ClientAgeSelector,
    KpiGate,
    PayingMonthSelector,
    PercentOfPayment,
    PerFact,
    PeriodBonus,
    PlanDocument,
    PlanRole,
)
from conveyor.contracts.values import PositiveMoney

_EFFECTIVE_FROM = date(2025, 1, 1)


def _rub(amount: str) -> PositiveMoney:
    return PositiveMoney(amount=amount, currency="RUB")


SDR_STANDARD = PlanDocument(
    code="sdr-standard",
    role="sdr",
    version=1,
    effective_from=_EFFECTIVE_FROM,
    components=(
        PerFact(code="letter_general", fact="letter_general", amount=_rub("20.00"), gated_by="call_norm"),
        PerFact(code="gatekeeper_passed", fact="gatekeeper_passed", amount=_rub("30.00"), gated_by="call_norm"),
        PerFact(code="need_identified", fact="need_identified", amount=_rub("100.00"), gated_by="call_norm"),
        PerFact(code="letter_decision_maker", fact="letter_decision_maker", amount=_rub("50.00"), gated_by="call_norm"),
        PerFact(
            code="meeting_booked",
            fact="meeting_booked",
            amount=_rub("700.00"),
            withdrawn_by=("meeting_cancelled", "meeting_missed", "handoff_returned"),
        ),
        PercentOfPayment(
            code="client_paid",
            rate="0.03",
            selector=PayingMonthSelector(which="first"),
            cap_per_client=_rub("15000.00"),
        ),
        KpiGate(code="call_norm", min_seconds=30, norm_per_working_day=45),
    ),
)

AE_STANDARD = PlanDocument(
    code="ae-standard",
    role="ae",
    version=1,
    effective_from=_EFFECTIVE_FROM,
    components=(
        PercentOfPayment(code="first_payment", rate="0.10", selector=PayingMonthSelector(which="first")),
        PercentOfPayment(code="second_payment", rate="0.05", selector=PayingMonthSelector(which="second")),
    ),
)

AM_STANDARD = PlanDocument(
    code="am-standard",
    role="am",
    version=1,
    effective_from=_EFFECTIVE_FROM,
    components=(
        PercentOfPayment(code="new_client", rate="0.05", selector=ClientAgeSelector(from_months=0, until_months=3)),
        PercentOfPayment(code="mature_client", rate="0.02", selector=ClientAgeSelector(from_months=3)),
        PeriodBonus(
            code="quarterly_retention",
            period="quarter",
            client_older_than_months=3,
            threshold=_rub("300000.00"),
            amount=_rub("10000.00"),
        ),
    ),
)

STANDARD_PLANS: dict[PlanRole, PlanDocument] = {"sdr": SDR_STANDARD, "ae": AE_STANDARD, "am": AM_STANDARD}
