"""The whole check of one service's month: arithmetic, reversals, statements, chain. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from verifier.arithmetic import minor_of, problems_of
from verifier.findings import Books, Finding, Json, Report
from verifier.hashes import chain_findings, hash_of_document


def verify(books: Books) -> Report:
    """Recompute every entry of the month from its explanation, every statement from its entries, and the chain."""
    entries = {item["entry"]["id"]: item["entry"] for item in books.entries}
    amounts = {entry_id: minor_of(entry["amount"]) for entry_id, entry in entries.items()}
    of_period = [item for item in books.entries if item["entry"]["period"] == books.period]
    findings = [
        *chain_findings(books, amounts),
        *(found for item in of_period for found in _entry_findings(item, entries, amounts)),
        *_reversed_twice(entries),
        *(found for item in books.statements for found in _statement_findings(item, books, entries, amounts)),
    ]
    documents = [item["document"] for item in books.statements]
    if documents:
        findings.extend(_uncovered(documents, of_period, amounts))
    return Report(
        service=books.service,
        period=books.period,
        statements=len(documents),
        lines=sum(len(document["lines"]) for document in documents),
        entries_of_period=len(of_period),
        entries=len(entries),
        totals=_totals(documents),
        findings=findings,
    )


def _entry_findings(item: Json, entries: dict[str, Json], amounts: dict[str, int]) -> Iterator[Finding]:
    entry, explanation = item["entry"], item["explanation"]
    place = f"entry {entry['journal_no']} ({entry['component']}, {entry['cause_id']})"
    if entry["kind"] != "reversal":
        yield from (Finding(place, problem) for problem in problems_of(entry, explanation))
        return
    undone = entries.get(entry["reverses"])
    if undone is None or undone["journal_no"] >= entry["journal_no"]:
        yield Finding(place, "it reverses no earlier entry")
        return
    if amounts[entry["id"]] != -amounts[undone["id"]]:
        yield Finding(place, f"it does not negate entry {undone['journal_no']} of {undone['amount']['amount']}")
    for name in ("employee_id", "component", "cause", "lead_id", "earned_on"):
        if entry[name] != undone[name]:
            yield Finding(place, f"its {name} is not that of entry {undone['journal_no']}")
    if explanation.get("reverses", {}).get("entry_id") != undone["id"]:
        yield Finding(place, "its explanation names another entry")


def _reversed_twice(entries: dict[str, Json]) -> Iterator[Finding]:
    reversed_ids = Counter(entry["reverses"] for entry in entries.values() if entry["reverses"] is not None)
    for entry_id, times in reversed_ids.items():
        if times > 1 and entry_id in entries:
            yield Finding(f"entry {entries[entry_id]['journal_no']}", f"it is reversed {times} times")


def _statement_findings(
    statement: Json, books: Books, entries: dict[str, Json], amounts: dict[str, int]
) -> Iterator[Finding]:
    document = statement["document"]
    place = f"statement of {document['employee_id']}"
    if hash_of_document(document) != statement["hash"]:
        yield Finding(place, "its document does not give its hash")
    if (document["period"], document["employee_id"]) != (books.period, statement["employee_id"]):
        yield Finding(place, "it says another month or employee than it stands under")
    seen = Counter(entry_id for line in document["lines"] for entry_id in line["entry_ids"])
    yield from (Finding(place, f"entry {entry_id} is in it twice") for entry_id, times in seen.items() if times > 1)
    for line in document["lines"]:
        where = f"{place}, {line['component']} {line['cause_id']}"
        yield from (Finding(where, problem) for problem in _line_problems(line, document, entries, amounts))
    yield from (Finding(place, problem) for problem in _total_problems(document))


def _line_problems(line: Json, document: Json, entries: dict[str, Json], amounts: dict[str, int]) -> Iterator[str]:
    known = [entries[entry_id] for entry_id in line["entry_ids"] if entry_id in entries]
    if len(known) != len(line["entry_ids"]) or not known:
        yield "it names entries that the journal does not have"
    for entry in known:
        if (entry["employee_id"], entry["period"]) != (document["employee_id"], document["period"]):
            yield f"entry {entry['journal_no']} is another employee's or month's"
        if any(entry[name] != line[name] for name in ("component", "cause", "lead_id")):
            yield f"entry {entry['journal_no']} is of another line"
    net = sum(amounts[entry["id"]] for entry in known)
    if net != minor_of(line["amount"]):
        yield f"its entries give {net} minor units, it says {line['amount']['amount']}"


def _total_problems(document: Json) -> Iterator[str]:
    sums: dict[str, int] = defaultdict(int)
    for line in document["lines"]:
        sums[line["amount"]["currency"]] += minor_of(line["amount"])
    for total in (document["total"], *document["other_totals"]):
        if sums.pop(total["currency"], 0) != minor_of(total):
            yield f"its lines do not give its total of {total['amount']} {total['currency']}"
    yield from (f"it has no total in {currency}" for currency in sums)


def _uncovered(documents: list[Json], of_period: list[Json], amounts: dict[str, int]) -> Iterator[Finding]:
    """Entries of the month that no line shows: right only where they come to nothing together."""
    shown = {entry_id for document in documents for line in document["lines"] for entry_id in line["entry_ids"]}
    hidden: dict[tuple[str, ...], int] = defaultdict(int)
    for item in of_period:
        entry = item["entry"]
        if entry["id"] not in shown:
            key = (entry["employee_id"], entry["component"], entry["cause"], str(entry["lead_id"]))
            hidden[(*key, entry["amount"]["currency"])] += amounts[entry["id"]]
    for (employee_id, component, cause, *_), net in hidden.items():
        if net:
            yield Finding(f"statement of {employee_id}", f"{component} {cause} of {net} minor units is in no line")


def _totals(documents: list[Json]) -> dict[str, str]:
    sums: dict[str, int] = defaultdict(int)
    decimals: dict[str, int] = {}
    for document in documents:
        for total in (document["total"], *document["other_totals"]):
            sums[total["currency"]] += minor_of(total)
            decimals[total["currency"]] = len(total["amount"].partition(".")[2])
    return {currency: _decimal(minor, decimals[currency]) for currency, minor in sorted(sums.items())}


def _decimal(minor: int, decimals: int) -> str:
    units = str(abs(minor)).rjust(decimals + 1, "0")
    text = f"{units[:-decimals]}.{units[-decimals:]}" if decimals else units
    return f"-{text}" if minor < 0 else text
