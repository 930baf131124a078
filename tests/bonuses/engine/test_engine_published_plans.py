"""Plans that other companies published come out right (comp-and-crm.md, (c) 19 and (c) 11)."""

from datetime import date

import pytest

from conveyor.bonuses.engine.lines import Line
from conveyor.bonuses.engine.norms import QuotaFact
from conveyor.kit.money import Money
from tests.bonuses.engine.published_plans import FLOWFUSE_SDR, POSTHOG_AE, POSTHOG_AE_MONTHLY, POSTHOG_AM_MONTHLY
from tests.bonuses.engine.recomputed import recomputed_minor
from tests.bonuses.engine.story import ANNA, BORIS, VERA, Department, Story, employee, named, told


def _total(lines: tuple[Line, ...]) -> str:
    assert all(recomputed_minor(line) == line.amount.amount_minor for line in lines)
    return Money(sum(line.amount.amount_minor for line in lines), "USD").text


def _meetings(count: int) -> Story:
    story = Story()
    for number in range(1, count + 1):
        lead, meeting = f"L{number}", f"M{number}"
        story.booked("Anna", lead, f"2025-09-{number:02d} 10:00", meeting)
        story.accepted("Boris", lead, f"2025-09-{number:02d} 12:00", meeting, deal=f"D{number}")
        story.held(lead, meeting, f"2025-09-{number + 5:02d} 10:00")
    return story


def _sdr(story: Story) -> tuple[Line, ...]:
    return Department(ANNA, BORIS, VERA, plan=FLOWFUSE_SDR, currency="USD").evaluate("sdr", story.facts).lines


@pytest.mark.parametrize(
    ("meetings", "total"), [(1, "38.18"), (2, "114.54"), (10, "2099.90"), (13, "3474.38"), (14, "3974.38")]
)
def test_flowfuse_pays_the_nth_meeting_n_times(meetings: int, total: str) -> None:
    # The thirteenth is 496.34; from the fourteenth on a meeting pays 500.
    assert _total(_sdr(_meetings(meetings))) == total


def test_flowfuse_counts_only_attended_and_qualified_meetings() -> None:
    story = _meetings(10)
    story.booked("Anna", "L11", "2025-09-11 10:00", "M11")  # neither held nor accepted
    story.booked("Anna", "L12", "2025-09-12 10:00", "M12")
    story.held("L12", "M12", "2025-09-13 10:00")  # attended, never qualified
    story.booked("Anna", "L13", "2025-09-13 10:00", "M13")
    story.accepted("Boris", "L13", "2025-09-13 12:00", "M13", deal="D13")
    story.withdrawn("meeting_missed", "M13", "2025-09-14 12:00")
    evaluation = Department(ANNA, BORIS, VERA, plan=FLOWFUSE_SDR, currency="USD").evaluate("sdr", story.facts)
    assert _total(evaluation.lines) == "2099.90"
    said = {absence.lead_id: (absence.reason_code, absence.text) for absence in evaluation.absences}
    assert said[named("L11")] == ("not_confirmed", "not confirmed yet: meeting held and handoff accepted")
    assert said[named("L12")] == ("not_confirmed", "not confirmed yet: handoff accepted")
    assert said[named("L13")][0] == "withdrawn"


def test_flowfuse_begins_anew_in_the_month_in_which_the_meeting_is_held() -> None:
    story = _meetings(2)
    story.booked("Anna", "L3", "2025-09-30 10:00", "M3")
    story.accepted("Boris", "L3", "2025-09-30 11:00", "M3", deal="D3")
    story.held("L3", "M3", "2025-10-02 10:00")
    lines = told(_sdr(story))
    assert [line[2:] for line in lines] == [
        ("2025-09-06", "38.18"),
        ("2025-09-07", "76.36"),
        ("2025-10-02", "38.18"),
    ]


def _quarter(paid: str, *, hired_on: str = "2025-01-01", quota: str = "100000.00") -> tuple[list[str], list[str]]:
    story = Story()
    story.accepted("Boris", "L", "2025-06-01 10:00", "H", deal="D")
    story.paid("L", "P1", "2025-08-15 10:00", paid, currency="USD")
    boris = employee("Boris", "ae", "0201", hired_on=date.fromisoformat(hired_on))
    quotas = (QuotaFact(named("Boris"), "2025-Q3", 1, Money.of(quota, "USD")),)
    department = Department(ANNA, boris, VERA, plan=POSTHOG_AE, currency="USD", quotas=quotas)
    found = department.evaluate("ae", story.facts, through="2025-09")
    assert all(recomputed_minor(line) == line.amount.amount_minor for line in found.lines)
    return [line.amount.text for line in found.lines], [absence.reason_code for absence in found.absences]


@pytest.mark.parametrize(
    ("paid", "bonus"),
    [
        ("50000.00", "4500.00"),
        ("100000.00", "9000.00"),
        ("150000.00", "13500.00"),
        ("250000.00", "18000.00"),
    ],
)
def test_posthog_pays_linear_up_to_200_percent(paid: str, bonus: str) -> None:
    assert _quarter(paid)[0] == [bonus]


def test_posthog_newcomer_carries_half_the_quota() -> None:
    assert _quarter("50000.00", hired_on="2025-08-01")[0] == ["9000.00"]


def test_posthog_pays_a_monthly_client_after_three_or_two_paid_invoices() -> None:
    story = Story()
    story.accepted("Boris", "L", "2025-06-01 10:00", "H", deal="D")
    story.accepted("Vera", "L", "2025-06-01 10:00", "to account")
    story.paid("L", "P1", "2025-07-10 10:00", "100.00", currency="USD")
    story.paid("L", "P2", "2025-08-10 10:00", "100.00", currency="USD")
    ae = Department(plan=POSTHOG_AE_MONTHLY, currency="USD").evaluate("ae", story.facts)
    assert (ae.lines, [absence.reason_code for absence in ae.absences]) == ((), ["held", "held"])
    am = Department(plan=POSTHOG_AM_MONTHLY, currency="USD").evaluate("am", story.facts)
    assert told(am.lines) == [
        ("monthly_client", "P1", "2025-08-10", "5.00"),
        ("monthly_client", "P2", "2025-08-10", "5.00"),
    ]
    story.paid("L", "P3", "2025-09-10 10:00", "100.00", currency="USD")
    ae = Department(plan=POSTHOG_AE_MONTHLY, currency="USD").evaluate("ae", story.facts)
    assert {line.earned_on.isoformat() for line in ae.lines} == {"2025-09-10"}
    assert _total(ae.lines) == "30.00"
