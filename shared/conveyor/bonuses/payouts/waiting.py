"""Which entries wait for a batch, in SQL: the sets are as large as a year's ledger and never come into memory.

`WAITING_UP_TO` are the candidates of a batch: entries of `:period` and earlier up to `:journal_no` that no live batch
holds and no hold keeps back. A hold on an entry also keeps the reversal of it, else half of a pair would be paid.
"""

_HOLD = "SELECT FROM bonus_payout_holds AS hold WHERE hold.released_at IS NULL AND hold."

HELD = f"""
    (
        EXISTS ({_HOLD}employee_id = entry.employee_id)
        OR EXISTS ({_HOLD}entry_id = entry.entry_id)
        OR EXISTS ({_HOLD}entry_id = entry.reverses)
    )
"""

IN_LIVE_BATCH = """
    EXISTS (
        SELECT FROM bonus_payout_batch_entries AS held WHERE held.entry_id = entry.entry_id AND held.live
    )
"""

WAITING_UP_TO = f"""
    SELECT entry.entry_id, entry.employee_id, entry.currency, entry.amount_minor
    FROM bonus_entries AS entry
    WHERE entry.period <= :period AND entry.journal_no <= :journal_no AND NOT {IN_LIVE_BATCH} AND NOT {HELD}
"""  # noqa: S608 - fragments of our own
