"""A forecast in both languages. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from fractions import Fraction

from conveyor.bonuses.explanations.numbers import Language, money_text
from conveyor.bonuses.explanations.sentences import wire_money_text
from conveyor.bonuses.forecast.rules import Prospect

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "first_payment": "{lead} has not paid yet: of every {of} paid {component} gives {amount}",
        "awaits_payment": "if {lead} pays now: of every {of} paid {component} gives {amount}",
        "awaits_next_month": "{component} for {lead} is not reached yet: of every {of} paid from {from} on it gives "
        "{amount}",
        "awaits_acceptance": "{component} for {lead}, {amount}: the handoff is not accepted yet; "
        "a return or a cancellation takes the sum away",
        "awaits_meeting": "{component} for {lead}, {amount}: the meeting is on {starts_at}; "
        "a cancellation or a miss takes the sum away",
        "gate": "{component} in {month}: {amount} so far; {successful_calls} of {norm} successful calls, "
        "{missing} more give the full sum",
        "awaits_close": "{component} for {lead}, {amount}: earned if nothing changes until {period} ends",
        "below_threshold": "{component} for {lead} in {period}: {missing_money} more has to be paid",
        "client_too_young": "{component} for {lead} in {period}: the client is younger than {months} months on {on}",
    },
    "ru": {
        "first_payment": "{lead} ещё не платил: с каждых {of} оплаты {component} даст {amount}",
        "awaits_payment": "если {lead} заплатит сейчас: с каждых {of} оплаты {component} даст {amount}",
        "awaits_next_month": "{component} по {lead} ещё не наступил: с каждых {of}, оплаченных с {from}, он даст "
        "{amount}",
        "awaits_acceptance": "{component} по {lead}, {amount}: передача ещё не принята; "
        "возврат или отмена отзовут сумму",
        "awaits_meeting": "{component} по {lead}, {amount}: встреча назначена на {starts_at}; "
        "отмена или неявка отзовут сумму",
        "gate": "{component} за {month}: пока {amount}; успешных звонков {successful_calls} из {norm}, "
        "ещё {missing} дадут полную сумму",
        "awaits_close": "{component} по {lead}, {amount}: будет начислено, если до конца {period} ничего не изменится",
        "below_threshold": "{component} по {lead} за {period}: нужно ещё {missing_money} оплат",
        "client_too_young": "{component} по {lead} за {period}: на {on} клиент моложе {months} мес.",
    },
}


def in_words(prospect: Prospect, *, lead: str | None, lang: Language, zone: tzinfo) -> str:
    """One sentence: what is pending and what would release it."""
    details = dict(prospect.details)
    kind: str = prospect.kind
    if kind == "awaits_payment" and details["payments_so_far"] == 0:
        kind = "first_payment"
    if "of" in details:
        details["of"] = wire_money_text(details["of"], lang)
    if "starts_at" in details:
        local = datetime.fromisoformat(details["starts_at"]).astimezone(zone)
        details["starts_at"] = local.strftime("%Y-%m-%d %H:%M")
    if kind == "below_threshold":
        wire = {"amount": details["missing"], "currency": details["currency"]}
        details["missing_money"] = wire_money_text(wire, lang)
    amount = money_text(Fraction(prospect.amount.amount_minor), prospect.amount.currency, lang)
    return _WORDS[lang][kind].format(**{**details, "lead": lead, "component": prospect.component, "amount": amount})
