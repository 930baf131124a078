"""Reads documents of a bank statement: money that came in is a payment, money that is given back a refund.

Our own account decides the direction. The contract, the invoice and the payer's INN correlate it.
"""

import hashlib
from collections import Counter
from datetime import datetime, time
from zoneinfo import ZoneInfo

from conveyor.contracts.values import Reference
from handoff_bus.sources.kinds.onec_bank.purpose import gives_back, names_in_purpose, vat_in
from handoff_bus.sources.kinds.onec_bank.settings import OnecBankSettings
from handoff_bus.sources.kinds.onec_bank.statement import (
    ORDINAL,
    Fields,
    account_of,
    identity,
    purpose_of,
    read_statement,
)
from handoff_bus.sources.kinds.payments.amounts import from_major, unreadable
from handoff_bus.sources.kinds.payments.events import payment, unnamed_refund
from handoff_bus.sources.kinds.payments.instants import day_of
from handoff_bus.sources.kinds.payments.names import in_order, reference
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

CURRENCY = "RUB"
TOPIC = "bank document"


def parse(request: RawRequest, settings: OnecBankSettings) -> Reading:
    """Payments and refunds in a statement, mostly of one document. Raises UnreadableDelivery."""
    statement = read_statement(request.body)
    own = set(settings.accounts or statement.accounts)
    seen: Counter[tuple[tuple[str, str], ...]] = Counter()
    events, ids = [], []
    for document in statement.documents:
        same = identity(document)
        seen[same] += 1
        line_id = _line_id(same, document.get(ORDINAL) or str(seen[same]))
        ids.append(line_id)
        event = _event(document, line_id, own, settings)
        if event is not None:
            events.append(event)
    key = ids[0] if len(ids) == 1 else hashlib.sha256(request.body).hexdigest()
    content = key.encode()
    if not events:
        silence = Silence("nothing_to_say", "No client's money moves: neither a payment nor a refund of one.")
        return Reading(key, silence=silence, topic=TOPIC, content=content)
    return Reading(key, tuple(events), topic=TOPIC, content=content)


def _event(document: Fields, line_id: str, own: set[str], settings: OnecBankSettings) -> OutsideEvent | None:
    payer, payee = account_of(document, "Плательщик"), account_of(document, "Получатель")
    purpose = purpose_of(document)
    comes_in = payee in own
    if (payer in own) is comes_in or gives_back(purpose) is comes_in:
        # Between our own accounts, between strangers, money returned to us, and what we pay ourselves.
        return None
    amount = from_major(document.get("Сумма"), CURRENCY, pointer="/Сумма")
    if not amount:
        return None
    at = _moment(document, "ДатаПоступило" if comes_in else "ДатаСписано", ZoneInfo(settings.zone))
    stated = names_in_purpose(purpose)
    client = "Плательщик" if comes_in else "Получатель"
    names = in_order([*stated, _inn(document, client)], payment_id=line_id)
    if comes_in:
        return payment(payment_id=line_id, at=at, amount=amount, names=names, vat=vat_in(purpose, amount))
    return unnamed_refund(refund_id=line_id, at=at, amount=amount, names=names, stated=stated)


def _inn(document: Fields, side: str) -> Reference | None:
    inn = document.get(f"{side}ИНН", "")
    return reference("inn", inn) if inn.strip("0") and len(inn) in {10, 12} else None


def _moment(document: Fields, posted: str, zone: ZoneInfo) -> datetime:
    text = document.get(posted) or document.get("Дата") or ""
    return datetime.combine(day_of(text, pointer=f"/{posted}"), time(), zone)


def _line_id(same: tuple[tuple[str, str], ...], ordinal: str) -> str:
    if not (ordinal.isascii() and ordinal.isdigit() and len(ordinal) <= 6):
        pointer = f"/{ORDINAL}"
        raise unreadable(pointer, "is no number")
    text = "\n".join(f"{name}={value}" for name, value in same)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:40]}-{ordinal}"
