"""The chain's hash and a statement's hash, from what the API answers."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from verifier.findings import Books, Finding, Json

GENESIS = "0" * 64
_AS_ANSWERED = (
    *("journal_no", "employee_id", "role", "component", "plan_code", "plan_version", "cause", "cause_id", "lead_id"),
    *("earned_on", "period", "kind", "reverses", "revision", "prev_hash"),
)


def hash_of_document(document: Json) -> str:
    """SHA-256 over the canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of_entry(entry: Json, explanation: Json, *, amount_minor: int) -> str:
    """The hash that an entry must have."""
    recorded_at = datetime.fromisoformat(entry["recorded_at"]).astimezone(UTC)
    return hash_of_document(
        {name: entry[name] for name in _AS_ANSWERED}
        | {
            "entry_id": entry["id"],
            "chain_id": f"bonuses/{entry['role']}",
            "amount_minor": amount_minor,
            "currency": entry["amount"]["currency"],
            "explanation": explanation,
            "recorded_at": recorded_at.isoformat(),
        }
    )


def chain_findings(books: Books, amounts: dict[str, int]) -> Iterator[Finding]:
    """Gaps, breaks and changed entries of the whole journal; `amounts` are minor units by entry id."""
    number, before = 0, GENESIS
    for item in books.entries:
        entry = item["entry"]
        place = f"entry {entry['journal_no']}"
        if entry["journal_no"] != number + 1:
            yield Finding(place, f"entry {number + 1} is missing before it")
        if entry["prev_hash"] != before:
            yield Finding(place, "it is not joined to the entry before")
        if entry["hash"] != hash_of_entry(entry, item["explanation"], amount_minor=amounts[entry["id"]]):
            yield Finding(place, "its fields do not give its hash")
        number, before = entry["journal_no"], entry["hash"]
    if (number, before) != (books.watermark, books.chain_head):
        yield Finding("chain head", f"the journal ends with entry {number}, its head says {books.watermark}")
