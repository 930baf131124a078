"""Telling the other services what a lead is."""

from datetime import datetime
from typing import cast

from conveyor.contracts.telemarketing import LeadRecorded
from conveyor.contracts.values import IdentifiedContact, Mechanics
from conveyor.kit.database import Transaction
from telemarketing.leads.queries import company_of
from telemarketing.leads.tables import Lead


def say_lead(
    tx: Transaction, lead: Lead, contacts: tuple[IdentifiedContact, ...], *, occurred_at: datetime | None = None
) -> None:
    """Say the lead's whole state under its present revision."""
    tx.say(
        LeadRecorded(
            lead_id=lead.lead_id,
            revision=lead.revision,
            company=company_of(lead),
            contacts=contacts,
            channel=lead.channel,
            campaign=lead.campaign,
            mechanics=cast("Mechanics", lead.mechanics),
            segment=lead.segment,
            owner_id=lead.owner_id,
        ),
        occurred_at=occurred_at,
    )
