"""The words of both languages that explanations are made of."""

from conveyor.bonuses.explanations.numbers import Language

Words = dict[Language, dict[str, str]]

OF: dict[Language, str] = {"en": "{share} of {whole}", "ru": "{share} от {whole}"}

OPERATIONS: Words = {
    "en": {
        "minimum": "the smaller of {0} and {1}",
        "maximum": "the larger of {0} and {1}",
        "round_half_up": "{0}, rounded half up once",
        "negate": "−({0})",
    },
    "ru": {
        "minimum": "меньшее из {0} и {1}",
        "maximum": "большее из {0} и {1}",
        "round_half_up": "{0}, округление один раз, половина вверх",
        "negate": "−({0})",
    },
}

STEPS: Words = {
    "en": {
        "room": "Left under the cap per client",
        "norm": "Norm of the month",
        "reached": "Norm reached",
        "attainment": "Attainment, at most 100 %",
        "full": "Full sum",
        "part": "In proportion to the norm reached",
        "exact": "Together",
        "net": "Payments less refunds made in the period",
        "over_threshold": "Above the threshold by",
        "so_far_exact": "Share of what was refunded so far",
        "before_exact": "Of it taken back by earlier refunds",
        "taken": "This refund takes back",
    },
    "ru": {
        "room": "Осталось до предела на клиента",
        "norm": "Норма месяца",
        "reached": "Выполнение нормы",
        "attainment": "Выполнение, не более 100 %",
        "full": "Полная сумма",
        "part": "Пропорционально выполнению нормы",
        "exact": "Вместе",
        "net": "Оплаты за вычетом возвратов периода",
        "over_threshold": "Выше порога на",
        "so_far_exact": "Доля всего возвращённого",
        "before_exact": "Из неё уже удержано прежними возвратами",
        "taken": "Этот возврат удерживает",
    },
}

FACTS: Words = {
    "en": {
        "letter_general": "letter to the general mailbox",
        "gatekeeper_passed": "gatekeeper passed",
        "need_identified": "need identified",
        "letter_decision_maker": "letter to the decision maker",
        "meeting_booked": "meeting booked",
        "meeting_held": "meeting held",
    },
    "ru": {
        "letter_general": "письмо на общий ящик",
        "gatekeeper_passed": "проход секретаря",
        "need_identified": "выявлена потребность",
        "letter_decision_maker": "письмо ЛПР",
        "meeting_booked": "назначена встреча",
        "meeting_held": "встреча состоялась",
    },
}

CREDITS: Words = {
    "en": {
        "meeting_booked": "Credited to whoever booked the meeting of the handoff accepted on {since}",
        "deal_owner": "Credited to the owner of the deal since {since}",
        "client_owner": "Credited to the owner of the client since {since}",
        "protected_claim": "Credited to whose claim on the lead was protected when it was booked anew, since {since}",
        "split": "Credited with a share of the line, split since {since}",
    },
    "ru": {
        "meeting_booked": "Начислено тому, кто назначил встречу передачи, принятой {since}",
        "deal_owner": "Начислено ответственному за сделку с {since}",
        "client_owner": "Начислено ответственному за клиента с {since}",
        "protected_claim": "Начислено тому, чьё право на лид защищено при повторном назначении, с {since}",
        "split": "Начислена доля по разделу между сотрудниками, с {since}",
    },
}

INPUTS: Words = {
    "en": {
        "payment": "Payment {payment_id} of {amount} on {at}",
        "refund": "Refund {refund_id} of {amount} on {at}",
        "paying_month": "{month} is the {ordinal} paying month of the deal",
        "client_age": "The client has been paying since {at}",
        "earlier_lines": "Earlier lines of this client took {total} of the cap",
        "month_of_work": "{count} facts counted; {calls} calls of at least {seconds} s in {days} working days",
        "payments_of_period": "Payments of {period}: {paid}; refunds made in it: {refunded}",
        "work": "{fact} on {at}",
        "adjustment": "Agreed by hand: asked for by {requested_by}, approved by {approved_by}",
    },
    "ru": {
        "payment": "Оплата {payment_id}: {amount}, {at}",
        "refund": "Возврат {refund_id}: {amount}, {at}",
        "paying_month": "{month} — {ordinal} платёжный месяц сделки",
        "client_age": "Клиент платит с {at}",
        "earlier_lines": "Прежние начисления по клиенту заняли {total} предела",
        "month_of_work": "Учтено действий: {count}; звонков от {seconds} с: {calls}, рабочих дней: {days}",
        "payments_of_period": "Оплаты за {period}: {paid}; возвраты за период: {refunded}",
        "work": "{fact}: {at}",
        "adjustment": "Ручная корректировка: запросил {requested_by}, утвердил {approved_by}",
    },
}

HEAD: dict[Language, str] = {
    "en": "{component} by plan {plan}, version {version}: {amount}",
    "ru": "{component} по плану {plan}, редакция {version}: {amount}",
}
MANUAL_HEAD: dict[Language, str] = {
    "en": "{component}, a manual adjustment: {amount}",
    "ru": "{component}, ручная корректировка: {amount}",
}
CHANGES: dict[Language, str] = {"en": "What would change it", "ru": "Что это изменит"}
REVERSAL: Words = {
    "en": {
        "gone": "Entry {no} is negated as it was stored: the line does not stand any more",
        "now": "Entry {no} is negated as it was stored: the line is now {amount}",
    },
    "ru": {
        "gone": "Проводка {no} сторнирована в том виде, в каком записана: начисления больше нет",
        "now": "Проводка {no} сторнирована в том виде, в каком записана: теперь начисление составляет {amount}",
    },
}

ORDINALS_RU = ("первый", "второй", "третий", "четвёртый", "пятый", "шестой", "седьмой", "восьмой", "девятый", "десятый")
MONTHS_RU = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)
REASONS_RU = {
    "not_decision_maker": "не тот, кто решает",
    "no_need": "нет потребности",
    "no_budget": "нет бюджета",
    "wrong_segment": "не тот сегмент",
    "duplicate": "дубль",
    "unreachable": "нет связи",
    "client_cancelled": "отменил клиент",
    "we_cancelled": "отменили мы",
    "other": "другое",
}
WITHDRAWALS_RU = {
    "meeting_cancelled": "встреча отменена",
    "meeting_missed": "встреча не состоялась",
    "handoff_returned": "передача возвращена",
}
