"""What a receiving stage keeps of a subject: offers in its inbox, and what an employee owned."""

from conveyor.disclosing.kept import WORDS, Kept, KeptOf, Taken, Withheld, is_of_lead, of_employee, of_lead
from conveyor.disclosing.messages import entries_of
from conveyor.handoffs.ownership.tables import OwnerChangeRow
from conveyor.handoffs.tables import ReceivedHandoff

KEPT: KeptOf = {
    "lead": (of_lead(ReceivedHandoff), of_lead(OwnerChangeRow)),
    "contact": (
        Kept(
            model=ReceivedHandoff,
            of=is_of_lead(ReceivedHandoff),
            columns={"payload": Taken(entries_of, WORDS), "note": Withheld(WORDS)},
            only=frozenset({"handoff_id", "lead_id", "offered_at"}),
        ),
    ),
    "employee": (of_employee(OwnerChangeRow),),
}
