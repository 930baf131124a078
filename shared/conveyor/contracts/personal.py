"""What in a fact is about a person, and the same fact without it.

A field marked `Personal` goes: the required ones become a pseudonym, all others empty. What pay depends on (ids,
times, sums, numbers of contracts and invoices) stays, so a fact without persons pays as the whole one did.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from conveyor.contracts.envelope import SUBJECT_ROOT, Fact
from conveyor.contracts.registry import FACT_KINDS
from conveyor.contracts.values import (
    IMPERSONAL_SYSTEMS,
    Company,
    Contact,
    EmployeeReference,
    IdentifiedContact,
    Personal,
    Reference,
)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Erased:
    """Who is erased under a key: everybody, or the one contact `contact_id`. `pseudonym` stands where a name must be.

    `keeps_names`: phones and e-mails stay. In what was said before, nobody knows whose they are; a lead that lost one
    contact may get new ones.
    """

    pseudonym: str
    contact_id: UUID | None = None
    keeps_names: bool = False


def pseudonym_of(key: object) -> str:
    """What stands where a name was: it tells two erased leads or people apart and nothing else."""
    return f"erased {str(key)[-12:]}"


def without_persons(fact: Fact, erased: Erased) -> Fact:
    """The fact without what is personal; of one contact: without him, without free words, the company as it was."""
    return _blanked(fact, erased)


def _blanked(model: M, erased: Erased) -> M:
    changes: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        marked = any(isinstance(mark, Personal) for mark in field.metadata)
        if value is None:
            continue
        changes[name] = (erased.pseudonym if field.is_required() else None) if marked else _value(value, model, erased)
    return model.model_copy(update=changes)


def _value(value: Any, within: BaseModel, erased: Erased) -> Any:  # noqa: ANN401 - any field of any fact
    if isinstance(value, tuple):
        return tuple(_value(each, within, erased) for each in value if not _goes(each, erased))
    if isinstance(value, Company) and erased.contact_id is not None:
        return value
    if isinstance(value, Reference):
        lead_id = str(getattr(within, "lead_id", ""))
        return Reference(system="lead_id", value=lead_id) if _is_personal(value, erased) else value
    return _blanked(value, erased) if isinstance(value, BaseModel) else value


def _goes(value: object, erased: Erased) -> bool:
    """Whether an item of a list goes altogether. A contact without an id could be the erased one."""
    if isinstance(value, Contact):
        if erased.contact_id is None or not isinstance(value, IdentifiedContact):
            return True
        return value.contact_id == erased.contact_id
    if isinstance(value, EmployeeReference):
        return value.system != "payroll_number"
    return isinstance(value, Reference) and _is_personal(value, erased)


def _is_personal(reference: Reference, erased: Erased) -> bool:
    if erased.contact_id is not None:
        return reference.system in {"phone", "email"} and not erased.keeps_names
    return reference.system not in IMPERSONAL_SYSTEMS


@dataclass(frozen=True, slots=True)
class Purge:
    """What the stream has to lose: messages of `subject` (`*` is any token) but the newest `keep` ones."""

    subject: str
    fact: str | None
    """The name of the fact, None for every fact of the key."""
    keep: int = 0


def purges_of(kind: Literal["lead", "contact", "employee"], key: object) -> tuple[Purge, ...]:
    """What goes out of the stream with a lead; with a contact of it (`key` is the lead); with an employee.

    A lead goes whole. The other two stay at work: only facts that may hold a person go, and an employee's newest
    record stays, which names nobody by then. A fact about a message goes by the key of that message.
    """
    if kind == "lead":
        return (Purge(f"{SUBJECT_ROOT}.*.*.*.{key}", None),)
    field = "lead_id" if kind == "contact" else "employee_id"
    return tuple(
        Purge(f"{each.type_for(owner)}.{key}", each.name, keep=1 if each.name == "employee_recorded" else 0)
        for each in FACT_KINDS
        if not {field, "key"}.isdisjoint(each.key) and may_hold_a_person(each.model)
        for owner in each.owners
    )


def may_hold_a_person(model: type[BaseModel]) -> bool:
    """Whether a fact of this shape has a personal field anywhere, or an outside name."""
    return any(
        any(isinstance(mark, Personal) for mark in field.metadata) or any(map(_leads_to_a_person, _models_in(field)))
        for field in model.model_fields.values()
    )


def _leads_to_a_person(model: type[BaseModel]) -> bool:
    return issubclass(model, Contact | Reference | EmployeeReference) or may_hold_a_person(model)


def _models_in(field: FieldInfo) -> list[type[BaseModel]]:
    found, waiting = [], [field.annotation]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, BaseModel):
            found.append(each)
        waiting += get_args(each)
    return found
