"""A stored explanation in words: what it is, what went in, each step, and what would change it. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Any

from conveyor.bonuses.engine.wording import ordinal
from conveyor.bonuses.explanations.changes import change_in_russian
from conveyor.bonuses.explanations.numbers import Language, money_text
from conveyor.bonuses.explanations.steps import step_sentences
from conveyor.bonuses.explanations.words import (
    CHANGES,
    CREDITS,
    FACTS,
    HEAD,
    INPUTS,
    MANUAL_HEAD,
    ORDINALS_RU,
    REVERSAL,
)

Stored = Mapping[str, Any]


def sentences(explanation: Stored, *, lang: Language, zone: tzinfo) -> list[str]:
    """The stored explanation of an entry or a line, one sentence each, times on the wall clock of `zone`."""
    if "reverses" in explanation:
        return [_reversal(explanation, lang)]
    inputs = (_input(given, explanation, lang, zone) for given in explanation["inputs"])
    changes = explanation["what_would_change"]
    if lang == "ru":
        changes = [change_in_russian(change) for change in changes]
    said = [_head(explanation, lang), *inputs, *step_sentences(explanation, lang=lang)]
    if changes:
        said.append(f"{CHANGES[lang]}: {'; '.join(changes)}")
    return [f"{text}." for text in said if text]


def wire_money_text(wire: Mapping[str, str], lang: Language) -> str:
    """`{"amount": "6000.00", "currency": "RUB"}` as `6,000.00 RUB`."""
    digits = len(wire["amount"].partition(".")[2])
    return money_text(Fraction(wire["amount"]) * 10**digits, wire["currency"], lang)


def _head(explanation: Stored, lang: Language) -> str:
    heads = MANUAL_HEAD if explanation["kind"] == "manual" else HEAD
    return heads[lang].format(
        component=explanation["component"],
        plan=explanation["plan"]["code"],
        version=explanation["plan"]["version"],
        amount=wire_money_text(explanation["result"], lang),
    )


def _reversal(explanation: Stored, lang: Language) -> str:
    now = explanation.get("now")
    words = REVERSAL[lang]["gone" if now is None else "now"]
    amount = "" if now is None else wire_money_text(now, lang)
    return words.format(no=explanation["reverses"]["journal_no"], amount=amount) + "."


def _input(given: Stored, explanation: Stored, lang: Language, zone: tzinfo) -> str | None:
    """What went in, in words; None for what has none yet: it is in the structure."""
    what = given.get("what", "")
    currency = explanation["result"]["currency"]

    def money(name: str) -> str:
        return money_text(Fraction(given[name]), currency, lang)

    def at(name: str) -> str:
        return datetime.fromisoformat(given[name]).astimezone(zone).strftime("%Y-%m-%d %H:%M")

    if what in FACTS[lang]:
        fact = FACTS[lang][what]
        return INPUTS[lang]["work"].format(fact=fact[0].upper() + fact[1:], at=at("occurred_at"))
    values = _VALUES.get(what)
    try:
        if what == "credit":
            return CREDITS[lang][given["rule"]].format(since=at("since"))
        return None if values is None else INPUTS[lang][what].format(**values(given, money, at, lang))
    except (KeyError, ValueError, TypeError):
        return None


_Read = Callable[[str], str]
_VALUES: dict[str, Callable[[Stored, _Read, _Read, Language], dict[str, object]]] = {
    "payment": lambda given, money, at, _: {
        "payment_id": given["payment_id"],
        "amount": money("amount_minor"),
        "at": at("paid_at"),
    },
    "refund": lambda given, money, at, _: {
        "refund_id": given["refund_id"],
        "amount": money("amount_minor"),
        "at": at("refunded_at"),
    },
    "paying_month": lambda given, _, __, lang: {
        "month": given["month"],
        "ordinal": ordinal_text(given["ordinal"], lang),
    },
    "client_age": lambda _, __, at, ___: {"at": at("client_since")},
    "earlier_lines": lambda _, money, __, ___: {"total": money("total_minor")},
    "month_of_work": lambda given, _, __, ___: {
        "count": given["count"],
        "calls": given["successful_calls"],
        "seconds": given["min_seconds"],
        "days": given["working_days"],
    },
    "payments_of_period": lambda given, money, _, __: {
        "period": given["period"],
        "paid": money("paid_minor"),
        "refunded": money("refunded_minor"),
    },
    "adjustment": lambda given, _, __, ___: {
        "requested_by": given["requested_by"],
        "approved_by": given["approved_by"],
    },
}


def ordinal_text(number: int, lang: Language) -> str:
    """`third`, `третий`; where the words end `11.`, `11-й`."""
    if lang == "en":
        return ordinal(number)
    return ORDINALS_RU[number - 1] if number <= len(ORDINALS_RU) else f"{number}-й"
