"""The steps of an explanation as sentences: `3 % of 200,000.00 RUB = 6,000.00 RUB`. Pure.

Steps that change nothing (a sum of one part, a rounding of what is whole) stay in the structure and say nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.explanations.quantities import Quantity, quantity_of, result_of
from conveyor.bonuses.explanations.words import OF, OPERATIONS, STEPS

_SIGNS = {"add": " + ", "subtract": " − ", "multiply": " × ", "divide": " ÷ "}


def step_sentences(explanation: Mapping[str, Any], *, lang: Language) -> list[str]:
    """Each step that says something, in order. A step that cannot be read is given in its stored words."""
    currency = explanation["result"]["currency"]
    results: dict[str, Quantity] = {}
    said: list[str] = []
    for step in explanation["steps"]:
        try:
            sentence = _sentence(step, explanation, results, currency=currency, lang=lang)
        except (KeyError, IndexError, ValueError, TypeError, ZeroDivisionError):
            sentence = step["text"]
        if sentence is not None:
            said.append(sentence)
    return said


def _sentence(
    step: Mapping[str, Any],
    explanation: Mapping[str, Any],
    results: dict[str, Quantity],
    *,
    currency: str,
    lang: Language,
) -> str | None:
    op, name = step["op"], step["name"]
    operands = [quantity_of(operand, explanation, results) for operand in step["of"]]
    result = result_of(op, name, Fraction(step["result"]), operands)
    expression = _expression(op, operands, currency=currency, lang=lang)
    if result.money > 1:
        # Money times money means nothing by itself; what divides it says the whole.
        results[name] = replace(result, words=expression)
        return None
    results[name] = result
    if _says_nothing(op, operands, result):
        return None
    label = STEPS[lang].get(re.sub(r"_[0-9]+$", "", name))
    shown = f"{expression} = {result.text(currency, lang)}"
    return shown if label is None else f"{label}: {shown}"


def _says_nothing(op: str, operands: list[Quantity], result: Quantity) -> bool:
    first, *others = operands
    if op in {"multiply", "divide"}:
        return result.value == 0
    if op == "add":
        return sum(1 for operand in operands if operand.value) <= 1
    if op == "subtract":
        return all(other.value == 0 for other in others)
    return op == "negate" or result.value == first.value


def _expression(op: str, operands: list[Quantity], *, currency: str, lang: Language) -> str:
    texts = [operand.text(currency, lang) for operand in operands]
    if op == "multiply" and len(operands) == 2:
        for share, whole in ((0, 1), (1, 0)):
            if operands[share].share and operands[whole].money:
                return OF[lang].format(share=texts[share], whole=texts[whole])
    if op in _SIGNS:
        return _SIGNS[op].join(texts)
    return OPERATIONS[lang][op].format(*texts)
