"""What each service erases, and what it discloses."""

from account.clients import disclosing as clients_kept
from account.clients import erasing as clients
from closing.deals import disclosing as deals_kept
from closing.deals import erasing as deals
from conveyor.bonuses import disclosing as bonuses_kept
from conveyor.bonuses.facts import erasing as bonus_facts
from conveyor.disclosing import messages
from conveyor.disclosing.kept import KeptOf, joined
from conveyor.erasing.steps import Steps
from conveyor.erasing.steps import joined as all_steps
from conveyor.handoffs import disclosing as inbox_kept
from conveyor.handoffs import erasing as inbox
from conveyor.roster import disclosing as roster_kept
from conveyor.roster import erasing as roster_copy
from handoff_bus.erasures import disclosing as bus_kept
from handoff_bus.erasures import erasing as bus
from telemarketing.leads import disclosing as leads_kept
from telemarketing.leads import erasing as leads

STEPS: dict[str, Steps] = {
    "telemarketing": all_steps(leads.STEPS, roster_copy.STEPS, bonus_facts.STEPS),
    "closing": all_steps(deals.STEPS, inbox.STEPS, roster_copy.STEPS, bonus_facts.STEPS),
    "account": all_steps(clients.STEPS, inbox.STEPS, roster_copy.STEPS, bonus_facts.STEPS),
    "handoff-bus": bus.STEPS,
}
KEPT: dict[str, KeptOf] = {
    "telemarketing": joined(leads_kept.KEPT, roster_kept.KEPT, bonuses_kept.KEPT, messages.KEPT),
    "closing": joined(deals_kept.KEPT, inbox_kept.KEPT, roster_kept.KEPT, bonuses_kept.KEPT, messages.KEPT),
    "account": joined(clients_kept.KEPT, inbox_kept.KEPT, roster_kept.KEPT, bonuses_kept.KEPT, messages.KEPT),
    "handoff-bus": joined(bus_kept.KEPT, messages.KEPT),
}
