"""What every service keeps of a subject beside its own rows: facts under his key, erasures, who was shown him."""

from collections.abc import Iterator
from typing import Any, cast

import orjson
from sqlalchemy import ColumnElement, Table, Text, and_, func, or_
from sqlalchemy import cast as sql_cast

from conveyor.disclosing.kept import WORDS, Condition, Kept, KeptOf, Taken, Treatment, Withheld
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.erasing.tables import ErasureHere
from conveyor.kit.access.tables import PersonalDataRead
from conveyor.kit.database import Base
from conveyor.kit.messaging.tables import (
    DeadLetter,
    IdempotencyKey,
    OutboxDeadRow,
    OutboxLogRow,
    OutboxRow,
    ParkedFact,
    QuarantinedMessage,
)

_ANSWER = "the answer to a request, kept for a few days; it may hold several leads or people"
_FORGED = "no fact: nobody can say of whom it speaks"
_TRACE = "words of the program, which may repeat the messages beside it"
OPERATIONS = tuple(f"personal_data_get_{kind}_disclosure" for kind in ("lead", "contact", "employee"))
"""Which operations give a disclosure, as the trail calls them."""
_LOGS: tuple[type[Base], ...] = (OutboxRow, OutboxLogRow, OutboxDeadRow)


def fact_for(subject: Subject, body: str | None) -> Any:  # noqa: ANN401 - a message of any fact
    """What a message says of the subject: to a contact his own entry. Who did it is left out; None if it is empty."""
    try:
        message = orjson.loads(body or "null")
    except orjson.JSONDecodeError:
        return None
    if not isinstance(message, dict) or not message:
        return None
    if subject.kind == "contact":
        return entries_of(subject, message)
    message.pop("actor", None)
    if "reference_awarded" in str(message.get("type")) and isinstance(message.get("data"), dict):
        # Why a name is the one lead's and not the other's speaks of both.
        message["data"].pop("reason", None)
    return message


def entries_of(subject: Subject, message: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any JSON
    """Under `contacts` the contact's own entries anywhere in a message; None when there is none."""
    found = list(_entries(message, str(subject.subject_id)))
    return {"contacts": found} if found else None


def _entries(value: Any, contact_id: str) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        if value.get("contact_id") == contact_id and "name" in value:
            yield value
        else:
            for each in value.values():
                yield from _entries(each, contact_id)
    elif isinstance(value, list):
        for each in value:
            yield from _entries(each, contact_id)


def _kept(kind: SubjectKind) -> list[Kept]:
    is_contact = kind == "contact"
    fact = Taken(fact_for, WORDS if is_contact else None)
    letter: dict[str, Treatment] = {"body": fact, "traceback": Withheld(_TRACE)}
    if is_contact:
        letter |= {"reason": Withheld(WORDS), "settled_reason": Withheld(WORDS)}
    return [
        *[Kept(model=model, of=_under_key(model), columns={"body": fact}) for model in _LOGS],
        Kept(model=ParkedFact, of=_under_subject(ParkedFact), columns={"body": fact}),
        Kept(model=DeadLetter, of=_under_key(DeadLetter), columns=letter),
        Kept(
            model=QuarantinedMessage,
            of=lambda subject: _column(QuarantinedMessage, "subject").endswith(f".{subject.key}"),
            columns={"body": Withheld(_FORGED), "settled_reason": Withheld(_FORGED)},
            leaves_out=frozenset({"body_sha256"}),
            key=[_column(QuarantinedMessage, "stream_seq"), _hash_of(_column(QuarantinedMessage, "body"))],
        ),
        Kept(
            model=IdempotencyKey,
            of=lambda subject: _column(IdempotencyKey, "body").contains(str(subject.subject_id)),
            columns={"body": Withheld(_ANSWER)},
            leaves_out=frozenset({"request_hash"}),
            key=[_column(IdempotencyKey, "created_at"), _hash_of(_column(IdempotencyKey, "key"))],
        ),
        Kept(
            model=ErasureHere,
            of=lambda subject: and_(
                _column(ErasureHere, "kind") == subject.kind, _column(ErasureHere, "subject_id") == subject.subject_id
            ),
        ),
        Kept(model=PersonalDataRead, of=_shown, only=frozenset({"read_no", "read_at", "role", "operation", "subject"})),
    ]


def _shown(subject: Subject) -> ColumnElement[bool]:
    """He was shown to somebody, or an employee was shown somebody; by whom, or whom, are the others' data.

    Pages of disclosures are left out: each would add a row to the next one, and there would be no end.
    """
    shown = _column(PersonalDataRead, "subject_ids").contains([subject.subject_id])
    looked = _column(PersonalDataRead, "actor") == f"employee:{subject.subject_id}"
    return and_(or_(shown, looked), ~_column(PersonalDataRead, "operation").in_(OPERATIONS))


def _under_key(model: type[Base]) -> Condition:
    return lambda subject: and_(_column(model, "key") == subject.key, _names(model, subject))


def _under_subject(model: type[Base]) -> Condition:
    return lambda subject: and_(_column(model, "subject").endswith(f".{subject.key}"), _names(model, subject))


def _names(model: type[Base], subject: Subject) -> ColumnElement[bool]:
    """Whether the message is about him: under the key of a lead are also those that name another contact, or nobody."""
    body = _column(model, "body")
    return cast(
        "ColumnElement[bool]",
        body.contains(str(subject.subject_id)) if subject.kind == "contact" else body.is_not(None),
    )


def _hash_of(column: ColumnElement[Any]) -> ColumnElement[str]:
    return sql_cast(func.md5(column), Text)


def _column(model: type[Base], name: str) -> Any:  # noqa: ANN401 - a column of any type
    return cast("Table", model.__table__).c[name]


KEPT: KeptOf = {"lead": _kept("lead"), "contact": _kept("contact"), "employee": _kept("employee")}
