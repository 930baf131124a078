"""The short way: post new payments and refunds of a lead without reading its other payments.

Allowed where the engine could not say anything else about the others: nothing but payments and refunds came, in open
months; the client's beginning and the deal's first paying month stand as they stood; and no plan of the role lets one
payment depend on another in any other way (see `reach.py`). Everything else goes the whole way. A first look reads the
earliest of the other payments alone; where the news lie in the first two paying months a closer one reads those.
"""

from collections.abc import Mapping
from uuid import UUID

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.neighbours import Fresh, Stretch, closer_neighbourhoods, neighbourhoods
from conveyor.bonuses.ledger.append import append
from conveyor.bonuses.ledger.evaluation import view_evaluation
from conveyor.bonuses.ledger.queries import posted_of_causes
from conveyor.bonuses.ledger.reach import reach_of
from conveyor.bonuses.ledger.rules import differences
from conveyor.bonuses.ledger.touched import Judging, Touched
from conveyor.bonuses.plans.terms import people_in, published_versions, terms_for
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar


async def post_payments(
    tx: Transaction, fresh: Mapping[UUID, Fresh], *, role: BonusRole, closed_through: Month | None
) -> set[UUID]:
    """Post the differences of these leads as far as the short way goes; the caller holds the journal's lock.

    Returns the leads that must go the whole way.
    """
    if not fresh:
        return set()
    versions = await published_versions(tx.session, role=role)
    reach = reach_of(versions)
    if reach is None:
        return set(fresh)
    department = await current_calendar(tx.session)
    zone = department.calendar.zone.key
    read = await neighbourhoods(tx.session, fresh, zone=zone, every_month=reach.any_month)
    people = people_in(each.after for each in read.values())
    terms = await terms_for(tx.session, role=role, employee_ids=people, versions=versions, department=department)
    judging = Judging(terms, reach, closed_through)
    judged = {lead_id: judging.of(near) for lead_id, near in read.items()}
    closer = {lead_id: stretch for lead_id, stretch in judged.items() if isinstance(stretch, Stretch)}
    if closer:
        again = {lead_id: read[lead_id] for lead_id in closer}
        whole = closer if reach.capped else {}
        looked = await closer_neighbourhoods(tx.session, again, zone=zone, whole=whole)
        judged |= {lead_id: judging.of(near) for lead_id, near in looked.items()}
    touched = {lead_id: found for lead_id, found in judged.items() if isinstance(found, Touched)}
    desired = [
        line
        for each in touched.values()
        for line in view_evaluation(terms, each.view).lines
        if line.cause in each.causes
    ]
    posted = await posted_of_causes(tx.session, {lead_id: each.causes for lead_id, each in touched.items()})
    await append(tx, differences(desired=desired, posted=posted), role=role, closed_through=closed_through)
    return fresh.keys() - touched.keys()
