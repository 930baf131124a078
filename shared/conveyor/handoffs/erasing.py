"""What a receiving stage erases of the offers in its inbox."""

from conveyor.erasing.steps import Steps, offers, sql

_INBOX = (
    offers("received_handoffs"),
    sql("received_handoffs", "UPDATE received_handoffs SET note = NULL WHERE lead_id = :lead_id AND note IS NOT NULL"),
)

STEPS: Steps = {"lead": _INBOX, "contact": _INBOX}
