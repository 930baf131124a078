"""What the bonuses room erases. Ledger and statements hold ids only and stay; so do sums, times and plans.

Frozen payout batches keep the names that payroll was given: the law asks payroll to keep its grounds. So do disputes.
"""

from conveyor.contracts.values import IMPERSONAL_SYSTEMS
from conveyor.erasing.steps import Step, Steps, call, sql

_FORGET = "SELECT forget_names_in_bonus_facts(:lead_id, CAST(:kept AS text[]), CAST(:gone AS text[]))"


def _facts(*, kept: list[str] | None, gone: list[str] | None) -> Step:
    # Facts are insert only for the service's role: this function is all that it may do to them.
    return call("bonus_facts", _FORGET, kept=kept, gone=gone)


STEPS: Steps = {
    "lead": (
        # Of several announcements the greatest stands: none that comes late may name the lead again.
        sql(
            "bonus_leads",
            """
            UPDATE bonus_leads SET name = :pseudonym, precedence = 2147483647
            WHERE lead_id = :lead_id AND name <> :pseudonym
            """,
        ),
        _facts(kept=sorted(IMPERSONAL_SYSTEMS), gone=None),
    ),
    "contact": (_facts(kept=None, gone=["phone", "email"]),),
}
