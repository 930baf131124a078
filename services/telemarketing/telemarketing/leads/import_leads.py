"""Importing a file of leads: all of its rows, or none."""

from conveyor.kit.refusals import FieldError
from telemarketing.leads.answers import LeadsImported
from telemarketing.leads.claim_references import Taken
from telemarketing.leads.enter_leads import Entry, enter_leads
from telemarketing.leads.rules import LeadDraft
from telemarketing.leads.spreadsheet import ERRORS_SHOWN_MAX, RowsRefused, column_of, read_leads, row_pointer
from telemarketing.wiring import Desk


async def import_leads(desk: Desk, *, content: bytes) -> LeadsImported:
    """Put every lead of the CSV file on the line, unowned. Raises Invalid or RowsRefused naming each wrong row."""
    drafts = read_leads(content, rows_max=desk.settings.import_rows_max)
    async with desk.database.transaction() as tx:
        taken = await enter_leads(tx, [Entry(draft=draft, registered_at=tx.now) for draft in drafts.values()])
        if taken:
            raise _rows_taken(drafts, taken)
        lead_ids = tuple(draft.lead_id for draft in drafts.values())
        return await tx.commit(LeadsImported(imported=len(lead_ids), lead_ids=lead_ids))


def _rows_taken(drafts: dict[int, LeadDraft], taken: list[Taken]) -> RowsRefused:
    row_of = {draft.lead_id: number for number, draft in drafts.items()}
    errors = [
        FieldError(
            row_pointer(row_of[one.claim.lead_id], column_of(one.claim.reference)), "belongs to another lead already"
        )
        for one in sorted(taken, key=lambda one: row_of[one.claim.lead_id])
    ]
    return RowsRefused(errors=errors[:ERRORS_SHOWN_MAX], rows_refused=len(errors))
