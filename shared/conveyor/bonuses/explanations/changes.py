"""What would change a line, in Russian: the engine says it in English, phrase by phrase. Pure."""

import re

from conveyor.bonuses.explanations.words import WITHDRAWALS_RU

_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(english), russian)
    for english, russian in (
        (r"a refund of this payment takes its share back", "возврат этой оплаты удержит свою долю"),
        (
            r"another owner at the time of the payment would be credited instead",
            "другой ответственный на момент оплаты получил бы её вместо вас",
        ),
        (
            r"a payment of the deal in an earlier month, or a month refunded wholly, moves the paying months",
            "оплата сделки более ранним месяцем или полностью возвращённый месяц сдвинут платёжные месяцы",
        ),
        (
            r"an earlier payment of the client, or the whole refund of his first, moves the client's age",
            "более ранняя оплата клиента или полный возврат его первой оплаты сдвинут возраст клиента",
        ),
        (r"another refund of this payment dated earlier", "другой возврат этой оплаты более ранней датой"),
        (r"a change of the payment's own line", "изменение начисления за саму оплату"),
        (
            r"(\d+) more successful calls in the month would pay the full sum",
            r"ещё \1 успешных звонков за месяц дали бы полную сумму",
        ),
        (r"the norm is reached; more calls change nothing", "норма выполнена; новые звонки ничего не меняют"),
        (r"more facts of the kind, or a withdrawal of one", "новые действия этого вида или отзыв одного из них"),
        (
            r"refunds of more than ([0-9.]+) made in (\S+) would take the bonus away",
            r"возвраты более \1 за \2 лишат бонуса",
        ),
        (
            r"another owner at the period's last instant would be paid instead",
            "другой ответственный в последний момент периода получил бы бонус вместо вас",
        ),
        (r"another adjustment", "другая корректировка"),
        *(
            (f"{kind.replace('_', ' ')} on any day", f"{russian} в любой день")
            for kind, russian in WITHDRAWALS_RU.items()
        ),
    )
)


def change_in_russian(english: str) -> str:
    """The phrase in Russian; one that is not known yet stays as it is."""
    for pattern, russian in _PHRASES:
        match = pattern.fullmatch(english)
        if match is not None:
            return match.expand(russian)
    return english
