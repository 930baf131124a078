"""Reads the text format 1CClientBankExchange: encodings, sections, `Key=Value` lines. What the lines mean is in parse.

Source: the format's description 1.03; files in the wild say Windows and are UTF-8, mix line endings, have no footer or
one in another encoding.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from conveyor.kit.http.strict_json import text_error
from handoff_bus.sources.kinds.payments.amounts import unreadable

TITLE = "1CClientBankExchange"
ORDINAL = "НомерСредиРавных"
DOCUMENTS_MAX = 20_000
_ENDINGS = re.compile(rb"\r\n|\n|\r")
_SUM = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?", re.ASCII)
Fields = dict[str, str]


@dataclass(slots=True)
class Statement:
    """The accounts that a file is about, their balances, and its documents."""

    accounts: list[str] = field(default_factory=list)
    balances: list[Fields] = field(default_factory=list)
    documents: list[Fields] = field(default_factory=list)


def read_statement(body: bytes) -> Statement:
    """The sections of a file. Raises UnreadableDelivery: not this format, a cut-off document, balances that differ."""
    lines = [line.strip() for line in _decoded(body)]
    if not lines or lines[0] != TITLE:
        raise unreadable("/1", "is not 1CClientBankExchange")
    statement = _sections(lines[1:])
    if len(statement.documents) > DOCUMENTS_MAX:
        raise unreadable("", f"holds more than {DOCUMENTS_MAX} documents")
    statement.accounts += [balance["РасчСчет"] for balance in statement.balances if "РасчСчет" in balance]
    for balance in statement.balances:
        _check_balance(balance)
    return statement


def _sections(lines: list[str]) -> Statement:
    statement = Statement()
    section: Fields | None = None
    for number, line in enumerate(lines, start=2):
        # The purpose of a payment may hold more of these signs.
        name, sign, value = line.partition("=")
        if name in {"СекцияДокумент", "СекцияРасчСчет"}:
            section = {}
            (statement.documents if name == "СекцияДокумент" else statement.balances).append(section)
        elif name in {"КонецДокумента", "КонецРасчСчет"}:
            section = None
        elif name == "КонецФайла":
            break
        elif sign:
            _keep(statement, section, name.strip(), value.strip(), line=number)
    if section is not None:
        raise unreadable("", "ends inside a section: the file is cut off")
    return statement


def _keep(statement: Statement, section: Fields | None, name: str, value: str, *, line: int) -> None:
    if text_error(value) or text_error(name):
        pointer = f"/{line}"
        raise unreadable(pointer, "holds text that cannot be stored")
    if section is not None:
        section.setdefault(name, value)
    elif name == "РасчСчет":
        statement.accounts.append(value)


def split(body: bytes) -> list[bytes]:
    """One small file of the same format, in UTF-8, for each document. Raises UnreadableDelivery.

    A document has no id, so equal ones are told apart by their place among the equal ones of their file.
    """
    statement = read_statement(body)
    own = "".join(f"РасчСчет={account}\n" for account in dict.fromkeys(statement.accounts))
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    parts = []
    for document in statement.documents:
        same = identity(document)
        seen[same] = seen.get(same, 0) + 1
        fields = "".join(f"{name}={value}\n" for name, value in document.items())
        section = f"СекцияДокумент\n{fields}{ORDINAL}={seen[same]}\nКонецДокумента\n"
        parts.append(f"{TITLE}\nКодировка=UTF-8\n{own}{section}КонецФайла\n".encode())
    return parts


def identity(document: Fields) -> tuple[tuple[str, str], ...]:
    """What makes a document itself in every export; receipts and dates of posting are filled in later."""
    names = ("Номер", "Дата", "Сумма", "ПлательщикИНН", "ПолучательИНН")
    values = [(name, document.get(name, "")) for name in names]
    values += [(side, account_of(document, side)) for side in ("Плательщик", "Получатель")]
    return (*values, ("НазначениеПлатежа", purpose_of(document)))


def account_of(document: Fields, side: str) -> str:
    """The account of `Плательщик` or `Получатель`."""
    return document.get(f"{side}Счет") or document.get(f"{side}РасчСчет") or ""


def purpose_of(document: Fields) -> str:
    """The purpose in one line, wherever it is written."""
    parts = [document.get("НазначениеПлатежа", "")]
    if not parts[0]:
        parts = [document.get(f"НазначениеПлатежа{number}", "") for number in range(1, 7)]
    return " ".join(" ".join(parts).split())


def _decoded(body: bytes) -> list[str]:
    raw = _ENDINGS.split(body.removeprefix(b"\xef\xbb\xbf").strip())
    try:
        # The last line is not asked: a footer may be added in another encoding.
        return [line.decode() for line in raw[:-1]] + [raw[-1].decode(errors="replace")]
    except UnicodeDecodeError:
        head = b"\n".join(raw[:20])
        encoding = "cp866" if "кодировка=dos" in head.decode("cp866").lower() else "cp1251"
        return [line.decode(encoding, errors="replace") for line in raw]


def _check_balance(balance: Fields) -> None:
    names = ("НачальныйОстаток", "ВсегоПоступило", "ВсегоСписано", "КонечныйОстаток")
    sums = [balance.get(name, "") for name in names]
    if not all(_SUM.fullmatch(text) for text in sums):
        return
    start, came, went, end = (Decimal(text) for text in sums)
    if start + came - went != end:
        raise unreadable("/КонечныйОстаток", "is not what the day began with, plus what came, less what went")
