"""Why a line is not there, in Russian, from the reason's code and details; in English the engine says it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from conveyor.bonuses.explanations.sentences import ordinal_text, wire_money_text
from conveyor.bonuses.explanations.words import MONTHS_RU, REASONS_RU, WITHDRAWALS_RU
from conveyor.kit.calendar import Month

_GENITIVE_MONTHS = {1: "месяца", 2: "двух месяцев", 3: "трёх месяцев", 4: "четырёх месяцев"}
_CONFIRMED_BY = {"meeting_held": "встреча состоялась", "handoff_accepted": "передача принята"}
_PAID = {"first": "первый", "second": "второй", "any": "любой"}


@dataclass(frozen=True, slots=True)
class Missing:
    """What is known of a line that is not there; `text` is what the engine says in English."""

    role: str
    component: str | None
    cause_id: str | None
    earned_on: date | None
    reason_code: str
    details: Mapping[str, Any]
    text: str


def in_russian(missing: Missing, *, zone: tzinfo) -> str:
    """The reason in Russian; a code without words yet keeps its English ones."""
    words = _WORDS.get(missing.reason_code)
    if words is None:
        return f"Начисления нет ({missing.reason_code}): {missing.text}"
    try:
        return words(missing, _Reader(missing.details, zone))
    except (KeyError, ValueError, TypeError):
        return f"Начисления нет ({missing.reason_code}): {missing.text}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Details in words."""

    details: Mapping[str, Any]
    zone: tzinfo

    def at(self, name: str) -> str:
        """`2025-09-22 12:00` on the wall clock of the zone."""
        return datetime.fromisoformat(self.details[name]).astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def month(self, name: str = "month") -> str:
        """`ноябрь 2025`."""
        month = Month.parse(self.details[name])
        return f"{MONTHS_RU[month.month - 1]} {month.year}"

    def money(self, name: str) -> str:
        """`300 000,00 RUB`."""
        return wire_money_text({"amount": self.details[name], "currency": self.details["currency"]}, "ru")

    def months_old(self) -> str:
        """`трёх месяцев`."""
        number = int(self.details["months"])
        return _GENITIVE_MONTHS.get(number, f"{number} месяцев")


def _no_owner(missing: Missing, read: _Reader) -> str:
    what = "у сделки в закрытии" if missing.role == "ae" else "у клиента в аккаунтинге"
    moment = read.at("at") if "at" in read.details else str(missing.earned_on)
    text = f"{what} на {moment} не было ответственного"
    if read.details.get("left_employee_id"):
        text += ": прежний уволился, и никто не принял дела"
    if read.details.get("ownership_begins"):
        text += f"; ответственность начинается {read.at('ownership_begins')}"
    return text


def _handoff_not_accepted(_: Missing, read: _Reader) -> str:
    text = f"на {read.at('at')} ни одна передача в закрытие не была принята"
    return f"{text}; первая принята {read.at('accepted_at')}" if "accepted_at" in read.details else text


def _not_paying_month(missing: Missing, read: _Reader) -> str:
    ordinal = ordinal_text(int(read.details["ordinal"]), "ru")
    paid = " и ".join(_PAID[which] for which in read.details["paid"])
    return f"{read.month()} — {ordinal} платёжный месяц; план оплачивает {paid} ({missing.component})"


def _pause(_: Missing, read: _Reader) -> str:
    first = Month.parse(read.details["paying_months"][0])
    named = f"{MONTHS_RU[first.month - 1]} {first.year}"
    return (
        f"{read.month()} не следует сразу за первым платёжным месяцем ({named}); "
        "после пропущенного месяца второй оплаты нет"
    )


def _other_age(missing: Missing, read: _Reader) -> str:
    return (
        f"{missing.component} не оплачивает этот возраст клиента: оплата {read.at('at')}, "
        f"клиент с {read.at('client_since')}, граница — {read.months_old()}"
    )


def _withdrawn(_: Missing, read: _Reader) -> str:
    text = f"{WITHDRAWALS_RU[read.details['kind']]} {read.details['on']}"
    reason = read.details.get("reason")
    return text if reason is None else f"{text}: {REASONS_RU.get(reason, reason)}"


def _gate_closed(missing: Missing, read: _Reader) -> str:
    calls, norm = read.details["successful_calls"], read.details["norm"]
    return f"KPI-условие закрыто: {calls} успешных звонков из {norm} за {missing.cause_id}; начислять нечего"


def _below_threshold(missing: Missing, read: _Reader) -> str:
    return (
        f"оплаты за {missing.cause_id} за вычетом возвратов — {read.money('net')}: "
        f"до порога {read.money('threshold')} не хватает {read.money('missing')}"
    )


def _held(_: Missing, read: _Reader) -> str:
    if "payments" not in read.details:
        return "отложено до подписания договора по сделке"
    return f"отложено до оплаты клиента номер {read.details['payments']}; пока оплат: {read.details['came']}"


def _cap_exhausted(_: Missing, read: _Reader) -> str:
    if "cap" in read.details:
        return f"предел {read.money('cap')} на клиента исчерпан прежними оплатами"
    return "предел периода исчерпан прежними начислениями"


_Words = Callable[[Missing, _Reader], str]
_WORDS: dict[str, _Words] = {
    "no_deal": lambda _, __: "у лида нет сделки, к которой можно отнести оплату",
    "no_owner": _no_owner,
    "handoff_not_accepted": _handoff_not_accepted,
    "nobody_booked": lambda _, __: "для принятой передачи неизвестно ни одной назначенной встречи",
    "not_first_deal": lambda _, __: (
        "оплата относится к следующей сделке; доля начисляется только по первой сделке клиента"
    ),
    "plan_not_assigned": lambda missing, _: f"на {missing.earned_on} план роли {missing.role} не назначен",
    "no_plan_version": lambda missing, _: f"на {missing.earned_on} у плана нет действующей редакции",
    "not_paying_month": _not_paying_month,
    "pause_of_a_month": _pause,
    "month_wholly_refunded": lambda _, read: f"всё оплаченное за {read.month()} возвращено; такой месяц не платёжный",
    "other_client_age": _other_age,
    "cap_exhausted": _cap_exhausted,
    "rounds_to_zero": lambda _, __: "начисление округляется до нуля",
    "withdrawn": _withdrawn,
    "gate_closed": _gate_closed,
    "client_too_young": lambda missing, read: f"на {missing.earned_on} клиент был моложе {read.months_old()}",
    "below_threshold": _below_threshold,
    "no_payment": lambda missing, _: f"к {missing.earned_on} клиент ничего не заплатил",
    "not_confirmed": lambda _, read: (
        f"ещё не подтверждено: {', '.join(_CONFIRMED_BY[kind] for kind in read.details['missing'])}"
    ),
    "held": _held,
    "no_quota": lambda _, read: f"на {read.details['period']} личный план не задан",
    "no_tier": lambda _, __: "достигнутое не попадает ни в одну ступень плана",
    "ramp_pays_nothing": lambda _, __: "в этом месяце адаптации ничего не начисляется",
    "not_in_a_chain": lambda missing, _: f"на {missing.earned_on} сотрудник не работал ни в одной цепочке",
    "plan_in_other_currency": lambda _, __: "порог плана в другой валюте, чем платит отдел",
    "refund_exceeds_payment": lambda _, read: (
        f"возврат на {read.money('excess')} больше, чем оставалось от оплаты {read.details['payment_id']}"
    ),
    "refund_in_other_currency": lambda _, read: f"возврат в другой валюте, чем оплата {read.details['payment_id']}",
    "payment_unknown": lambda _, read: f"оплата {read.details['payment_id']} неизвестна",
    "other_owner": lambda _, __: "в то время ответственным был другой; начисление у него",
    "no_fact": lambda _, __: "неизвестно ни одного факта, за который здесь полагалось бы начисление",
}
