"""Plans that other companies published, as documents of this system."""

from tests.bonuses.engine.story import money, plan

# FlowFuse, SDR: the n-th meeting of the month that was attended and qualified pays min(38.18 × n, 500) USD.
FLOWFUSE_SDR = plan(
    "sdr",
    {
        "kind": "per_fact",
        "code": "qualified_meeting",
        "fact": "meeting_booked",
        "amount": money("38.18", "USD"),
        "times_ordinal": True,
        "at_most": money("500.00", "USD"),
        "withdrawn_by": ["meeting_cancelled", "meeting_missed", "handoff_returned"],
        "confirmed_by": ["meeting_held", "handoff_accepted"],
        "limits": {"period": "month"},
    },
)

# PostHog, AE: each quarter 0 to 200 % of the target bonus in proportion to the quota, only for paid invoices; a person
# in the ramp carries half the quota. The target bonus here is 9,000.00 USD.
POSTHOG_AE = plan(
    "ae",
    {
        "kind": "period_bonus",
        "code": "quarterly_commission",
        "period": "quarter",
        "measure": "sum_of_payments",
        "per": "employee",
        "amount": money("9000.00", "USD"),
        "of_quota_up_to_percent": 200,
    },
    ramp=[{"from_months": 0, "until_months": 3, "pays_percent": 100, "quota_percent": 50}],
)

# PostHog, monthly clients: paid after three (AE) or two (AM) invoices were paid.
POSTHOG_AE_MONTHLY = plan(
    "ae",
    {
        "kind": "percent_of_payment",
        "code": "monthly_client",
        "rate": "0.10",
        "selector": {"by": "paying_month", "which": "any"},
        "holdback": {"payments": 3},
    },
)
POSTHOG_AM_MONTHLY = plan(
    "am",
    {
        "kind": "percent_of_payment",
        "code": "monthly_client",
        "rate": "0.05",
        "selector": {"by": "paying_month", "which": "any"},
        "holdback": {"payments": 2},
    },
)
