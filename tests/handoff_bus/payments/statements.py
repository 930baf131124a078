"""Bank statements for tests, in the text format 1CClientBankExchange."""

from collections.abc import Sequence

OWN, THEIRS = "40702810500000004211", "40702810900000007733"
OUR_INN, THEIR_INN = "7701234567", "5024000018"
PAID = "Оплата по счету №S-205 от 02.03.2026, договор=C-17, в т.ч. НДС 20% 750.00"
GIVEN_BACK = "Возврат части оплаты по счету №S-205 от 02.03.2026"


def incoming(
    number: str = "118", amount: str = "4500.00", *, purpose: str = PAID, day: str = "09.03.2026"
) -> list[str]:
    """A payment from the client."""
    return [
        "СекцияДокумент=Платежное поручение",
        f"Номер={number}",
        f"Дата={day}",
        f"Сумма={amount}",
        f"ПлательщикСчет={THEIRS}",
        "ДатаСписано=",
        f"ПлательщикИНН={THEIR_INN}",
        'Плательщик1=ООО "Ромашка"',
        f"ПолучательРасчСчет={OWN}",
        f"ДатаПоступило={day}",
        f"ПолучательИНН={OUR_INN}",
        'Получатель1=ООО "Конвейер"',
        f"НазначениеПлатежа1={purpose[:30]}",
        f"НазначениеПлатежа2={purpose[30:]}",
        "КонецДокумента",
    ]


def outgoing(
    number: str = "45", amount: str = "700.50", *, purpose: str = GIVEN_BACK, day: str = "10.03.2026"
) -> list[str]:
    """A payment to the client."""
    return [
        "СекцияДокумент=Платежное поручение",
        f"Номер={number}",
        f"Дата={day}",
        f"Сумма={amount}",
        f"ПлательщикСчет={OWN}",
        f"ДатаСписано={day}",
        f"ПлательщикИНН={OUR_INN}",
        f"ПолучательСчет={THEIRS}",
        "ДатаПоступило=",
        f"ПолучательИНН={THEIR_INN}",
        f"НазначениеПлатежа={purpose}",
        "КонецДокумента",
    ]


def statement(
    *documents: Sequence[str],
    encoding: str = "cp1251",
    ending: str = "\r\n",
    balance: tuple[str, str, str, str] | None = None,
    footer: bool = True,
) -> bytes:
    """A file of these documents; `balance` is what the day began with, came, went, ended with."""
    declared = "DOS" if encoding == "cp866" else "Windows"
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", f"Кодировка={declared}", f"РасчСчет={OWN}"]
    if balance is not None:
        names = ("НачальныйОстаток", "ВсегоПоступило", "ВсегоСписано", "КонечныйОстаток")
        sums = [f"{name}={value}" for name, value in zip(names, balance, strict=True)]
        lines += ["СекцияРасчСчет", f"РасчСчет={OWN}", *sums, "КонецРасчСчет"]
    lines += [line for document in documents for line in document]
    text = ending.join([*lines, *(["", "КонецФайла"] if footer else [])])
    return text.encode(encoding)
