"""Reading a file of leads, CSV or XLSX (see `records.py`). Pure.

One row is one lead with at most one contact. The first line names the columns, in any order, in English or Russian
(see COLUMNS); `reference:<system>` names a reference column, e.g. `reference:crm:amo`. Only the name of the company has
to be there; without a channel it is `import`, without mechanics `cold`. All rows are read before any error is raised.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from conveyor.contracts.values import Company, IdentifiedContact, Reference
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import FieldError, Invalid
from telemarketing.leads.records import records_of
from telemarketing.leads.rules import LeadDraft, all_references, match_key

COLUMNS: Final[dict[str, str]] = {
    "company": "компания",
    "inn": "инн",
    "website": "сайт",
    "city": "город",
    "contact": "контакт",
    "position": "должность",
    "phone": "телефон",
    "email": "почта",
    "channel": "канал",
    "campaign": "кампания",
    "mechanics": "механика",
    "segment": "сегмент",
}
REFERENCE_PREFIX: Final = "reference:"
ERRORS_SHOWN_MAX: Final = 100

_ENGLISH: Final = {russian: english for english, russian in COLUMNS.items()}
_MECHANICS: Final = {"cold": "cold", "warm": "warm", "холодная": "cold", "тёплая": "warm", "теплая": "warm", "": "cold"}
_TEXT_MAX: Final = 500


class RowsRefused(Invalid):
    """Some rows are wrong; nothing was imported."""


class _RowRefused(Exception):
    def __init__(self, column: str | None, message: str) -> None:
        self.column = column
        self.message = message


def read_leads(content: bytes, *, rows_max: int) -> dict[int, LeadDraft]:
    """The leads of the file by the number of their row, in order.

    Raises Invalid with a pointer `/rows/<number>/<column>` for each wrong cell (the header is row 1, as a spreadsheet
    shows it), or `/file` when the file as a whole cannot be read.
    """
    header, rows = _table(records_of(content))
    drafts: dict[int, LeadDraft] = {}
    errors: list[FieldError] = []
    claimed: dict[tuple[str, str], int] = {}
    for number, row in rows:
        if len(drafts) + len(errors) >= rows_max:
            raise Invalid.field(pointer="/file", message=f"must not have more than {rows_max} rows")
        try:
            draft = _draft(_cells(header, row))
            _check_not_claimed(draft, number, claimed)
            drafts[number] = draft
        except _RowRefused as refused:
            errors.append(FieldError(row_pointer(number, refused.column), refused.message))
    if errors:
        raise RowsRefused(errors=errors[:ERRORS_SHOWN_MAX], rows_refused=len(errors))
    if not drafts:
        raise Invalid.field(pointer="/file", message="must have at least one row below the header")
    return drafts


def _table(records: Iterator[list[str]]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    header = [_column(cell) for cell in next(records, [])]
    if "company" not in header:
        raise Invalid.field(pointer="/file", message="must have a column company in its first line")
    if len(set(header)) != len(header):
        raise Invalid.field(pointer="/file", message="must not name a column twice")
    numbered = enumerate(records, start=2)
    return header, ((number, record) for number, record in numbered if any(cell.strip() for cell in record))


def _column(cell: str) -> str:
    name = cell.strip()
    if name.casefold().startswith(REFERENCE_PREFIX):
        return REFERENCE_PREFIX + name[len(REFERENCE_PREFIX) :].strip()
    name = _ENGLISH.get(name.casefold(), name.casefold())
    if name not in COLUMNS:
        raise Invalid.field(
            pointer="/file", message=f"has an unknown column; known are {', '.join(COLUMNS)} and reference:<system>"
        )
    return name


def row_pointer(number: int, column: str | None) -> str:
    """How an error names a row, or one of its cells."""
    return f"/rows/{number}" if column is None else f"/rows/{number}/{column}"


def column_of(reference: Reference) -> str:
    """The column in which a reference that only one lead may have is found."""
    return "inn" if reference.system == "inn" else REFERENCE_PREFIX + reference.system


def _cells(header: list[str], row: list[str]) -> dict[str, str]:
    if len(row) != len(header):
        raise _RowRefused(None, f"must have {len(header)} cells")
    return {column: cell.strip() for column, cell in zip(header, row, strict=True)}


def _draft(cells: Mapping[str, str]) -> LeadDraft:
    for column, cell in cells.items():
        if len(cell) > _TEXT_MAX:
            raise _RowRefused(column, f"must not be longer than {_TEXT_MAX} characters")
    filled = {column: cell for column, cell in cells.items() if cell}
    if "company" not in filled:
        raise _RowRefused(column="company", message="must be filled")
    mechanics = _MECHANICS.get(cells.get("mechanics", "").casefold())
    if mechanics is None:
        raise _RowRefused(column="mechanics", message="must be cold or warm")
    company = _company(filled)
    contacts = _contacts(filled)
    return LeadDraft(
        lead_id=new_id(),
        company=company,
        contacts=contacts,
        channel=filled.get("channel", "import"),
        campaign=filled.get("campaign"),
        mechanics="warm" if mechanics == "warm" else "cold",
        segment=filled.get("segment"),
        references=all_references(company=company, contacts=contacts, references=_references(filled)),
    )


def _company(filled: Mapping[str, str]) -> Company:
    try:
        return Company(
            name=filled["company"], inn=filled.get("inn"), website=filled.get("website"), city=filled.get("city")
        )
    except ValidationError:
        # Every other field of a company is any text, whose length was checked.
        raise _RowRefused(column="inn", message="must be 10 or 12 digits") from None


def _contacts(filled: Mapping[str, str]) -> tuple[IdentifiedContact, ...]:
    named = {column: filled.get(column) for column in ("position", "phone", "email")}
    if "contact" not in filled:
        if any(named.values()):
            raise _RowRefused(column="contact", message="must be filled when position, phone or email is")
        return ()
    return (IdentifiedContact(contact_id=new_id(), name=filled["contact"], **named),)


def _references(filled: Mapping[str, str]) -> list[Reference]:
    references = []
    for column, cell in filled.items():
        if not column.startswith(REFERENCE_PREFIX):
            continue
        try:
            reference = Reference(system=column.removeprefix(REFERENCE_PREFIX), value=cell)
        except ValidationError:
            raise _RowRefused(column, "is not a system by which leads are known") from None
        if reference.system == "lead_id" or match_key(reference) is None:
            raise _RowRefused(column, "cannot be matched")
        references.append(reference)
    return references


def _check_not_claimed(draft: LeadDraft, number: int, claimed: dict[tuple[str, str], int]) -> None:
    for reference in draft.references:
        key = match_key(reference)
        if key is None or reference.system in {"phone", "email"}:
            continue
        earlier = claimed.setdefault((reference.system, key), number)
        if earlier != number:
            raise _RowRefused(column_of(reference), f"belongs to the lead of row {earlier} already")
