"""Erase one subject in this service's database."""

from conveyor.erasing.steps import Steps
from conveyor.erasing.subjects import Subject
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.erased import mark_erased, scrub_messages


async def erase_here(tx: Transaction, subject: Subject, steps: Steps) -> dict[str, int]:
    """Blank rows first and kept facts last, so that whoever holds a row of the subject has said what he had to say.

    Returns how many rows changed where. Safe to repeat.
    """
    await mark_erased(tx.session, key=subject.key, erased=subject.erased)
    done = [(step.what, await step.work(tx.session, subject)) for step in steps.get(subject.kind, ())]
    done += await scrub_messages(tx.session, key=subject.key, erased=subject.erased, purged=subject.purged_facts)
    counts: dict[str, int] = {}
    for what, rows in done:
        counts[what] = counts.get(what, 0) + rows
    return {what: rows for what, rows in counts.items() if rows}
